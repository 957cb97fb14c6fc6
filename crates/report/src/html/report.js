// The page of a Palisade report. It reads the report from the element
// #report, draws one page per hash route and asks the network for nothing.
//
// Everything in the report is untrusted text: names of resources, lines of
// files, messages. It reaches the document only as text nodes and as
// attributes that can't run anything; the content security policy of the page
// (no trusted types, no origin) holds even if a line here forgets it.
"use strict";
(() => {
  const CHUNK = 200;
  const FEW = 10;
  const SEARCH_DELAY = 120;
  const LONGEST_LINE = 600;
  const LEAD_IN = 40;
  const SEVERITIES = ["critical", "high", "medium", "low", "info"];
  const RESULTS = ["fail", "unknown", "pass", "not-applicable", "waived"];
  const OPEN_RESULTS = ["fail", "unknown"];
  const NO_CLUSTER = "-";

  const RESULT_NAMES = { fail: "Fail", unknown: "Unknown", pass: "Pass", "not-applicable": "Not applicable", waived: "Waived", manual: "By people" };
  const FRAMEWORKS = {
    azqr: "Azure Quick Review",
    "azure-policy": "Azure Policy",
    checkov: "Checkov",
    "cis-aks": "CIS AKS",
    "cis-azure": "CIS Azure Foundations",
    cnspec: "cnspec",
    kics: "KICS",
    "kube-linter": "KubeLinter",
    kubescape: "Kubescape",
    mcsb: "Microsoft cloud security benchmark",
    prowler: "Prowler",
    psrule: "PSRule for Azure",
    "scout-suite": "ScoutSuite",
    trivy: "Trivy",
  };

  const collator = new Intl.Collator("en", { numeric: true });
  const main = document.getElementById("main");

  // ---------------------------------------------------------------- elements

  function el(tag, attributes, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes ?? {})) assign(node, name, value);
    node.append(...present(children));
    return node;
  }

  function assign(node, name, value) {
    if (value === undefined || value === null || value === false) return;
    if (name === "on") {
      for (const [event, listener] of Object.entries(value)) node.addEventListener(event, listener);
    } else if (name === "style") {
      for (const [property, setting] of Object.entries(value)) node.style.setProperty(property, setting);
    } else {
      node.setAttribute(name, value === true ? "" : value);
    }
  }

  function present(children) {
    return children.flat(Infinity).filter((child) => child !== undefined && child !== null && child !== false);
  }

  function svg(tag, attributes, ...children) {
    const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
    node.append(...children);
    return node;
  }

  function icon(name) {
    return svg("svg", { class: `icon icon-${name}`, "aria-hidden": "true" }, svg("use", { href: `#icon-${name}` }));
  }

  function number(value) {
    return Number(value ?? 0).toLocaleString("en");
  }

  function counted(count, noun, plural = `${noun}s`) {
    return `${number(count)} ${count === 1 ? noun : plural}`;
  }

  function capitalised(text) {
    return text.charAt(0).toUpperCase() + text.slice(1);
  }

  function unseen(text) {
    return el("span", { class: "unseen" }, text);
  }

  function announce(text) {
    document.getElementById("announcer").textContent = text;
  }

  // ------------------------------------------------------------------- report

  function readReport() {
    const report = JSON.parse(document.getElementById("report").textContent);
    if (report.version !== "1") throw new Error(`this page shows reports of version 1, not ${report.version}`);
    // Findings name clusters by their place in the list, to keep the file small.
    for (const finding of report.findings) {
      // What somebody has accepted counts as a kind of its own.
      if (finding.suppression) finding.result = "waived";
      finding.clusters = finding.clusters.map((cluster) => report.clusters[cluster]?.id ?? cluster);
    }
    return report;
  }

  function indexReport(report) {
    const controls = new Map(report.controls.map((control) => [control.code, control]));
    const clusters = new Map([...report.clusters].sort(worstFirst).map((cluster) => [cluster.id, cluster]));
    const subscriptions = [...report.subscriptions].sort(worstFirst);
    const rows = report.findings.map((finding) => findingRow(finding, controls));
    rows.sort(byUrgency);
    return { ...report, controls, clusters, subscriptions, rows, byKey: keyRows(rows) };
  }

  // By score, then by failures; what couldn't be judged comes last.
  function worstFirst(a, b) {
    return (a.score ?? Infinity) - (b.score ?? Infinity) || b.fail - a.fail || collator.compare(a.id, b.id);
  }

  function findingRow(finding, controls) {
    const control = controls.get(finding.control) ?? unlistedControl(finding);
    return {
      finding,
      control,
      severityRank: rank(SEVERITIES, finding.severity),
      resultRank: rank(RESULTS, finding.result),
      haystack: undefined,
    };
  }

  function unlistedControl(finding) {
    return { code: finding.control, name: "", title: "", severity: finding.severity, page: "", equivalents: [] };
  }

  function rank(order, value) {
    const place = order.indexOf(value);
    return place < 0 ? order.length : place;
  }

  function byUrgency(a, b) {
    return (
      a.severityRank - b.severityRank ||
      a.resultRank - b.resultRank ||
      collator.compare(a.control.code, b.control.code) ||
      collator.compare(a.finding.subject.name, b.finding.subject.name)
    );
  }

  // Two findings with one fingerprint both stay reachable: the second gets a
  // suffix, which only this page knows.
  function keyRows(rows) {
    const byKey = new Map();
    for (const row of rows) {
      let key = row.finding.fingerprint;
      for (let twin = 2; byKey.has(key); twin += 1) key = `${row.finding.fingerprint}~${twin}`;
      row.key = key;
      byKey.set(key, row);
    }
    return byKey;
  }

  function haystackOf(row) {
    row.haystack ??= haystackParts(row).join("\n").toLowerCase();
    return row.haystack;
  }

  function haystackParts({ finding, control }) {
    return [
      finding.subject.id,
      finding.subject.name,
      finding.subject.type,
      finding.message,
      control.code,
      control.name,
      finding.fingerprint,
      placeOf(finding.location),
      ...(finding.related ?? []).map((location) => location.path),
    ];
  }

  function placeOf(location) {
    return location ? `${location.path}:${location.startLine}:${location.startColumn}` : "";
  }

  function clusterName(id) {
    const cluster = report.clusters.get(id);
    if (!cluster) return lastSegment(id);
    return namesakes(cluster.name) > 1 ? `${cluster.name} (${resourceGroup(id) ?? cluster.subscription})` : cluster.name;
  }

  function namesakes(name) {
    clusterNameCounts ??= countBy(report.clusters.values(), (cluster) => cluster.name);
    return clusterNameCounts.get(name) ?? 0;
  }

  function lastSegment(id) {
    return id.slice(id.lastIndexOf("/") + 1) || id;
  }

  function resourceGroup(id) {
    return /\/resourceGroups\/([^/]+)/i.exec(id)?.[1];
  }

  function countBy(items, keyOf) {
    const counts = new Map();
    for (const item of items) {
      const key = keyOf(item);
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    return counts;
  }

  function groupBy(items, keyOf) {
    const groups = new Map();
    for (const item of items) {
      const key = keyOf(item);
      if (groups.has(key)) groups.get(key).push(item);
      else groups.set(key, [item]);
    }
    return groups;
  }

  // ------------------------------------------------------------------- routes

  function hashFor(page, value, query) {
    const path = value === undefined ? `#/${page}` : `#/${page}/${encodeURIComponent(value)}`;
    const parameters = new URLSearchParams(query ?? {}).toString();
    return parameters ? `${path}?${parameters}` : path;
  }

  function parseHash(hash) {
    const [path, query = ""] = splitOnce(hash.replace(/^#\/?/, ""), "?");
    const [page, value = ""] = splitOnce(path, "/");
    return { page: page || "overview", value: decoded(value), parameters: new URLSearchParams(query) };
  }

  function splitOnce(text, separator) {
    const place = text.indexOf(separator);
    return place < 0 ? [text] : [text.slice(0, place), text.slice(place + separator.length)];
  }

  function decoded(text) {
    try {
      return decodeURIComponent(text);
    } catch {
      return text;
    }
  }

  function replaceHash(hash) {
    try {
      history.replaceState(history.state, "", hash);
      shownHash = hash;
    } catch {
      // A sandboxed viewer may forbid it; the address then stays behind, nothing else does.
    }
  }

  // ------------------------------------------------------------------- badges

  function severityBadge(severity) {
    return el("span", { class: `badge severity-${severity}` }, icon(severity), capitalised(severity));
  }

  function resultBadge(result) {
    return el("span", { class: `result result-${result}` }, icon(result), RESULT_NAMES[result] ?? result);
  }

  function clusterMark(finding) {
    const names = finding.clusters.map(clusterName);
    if (names.length === 0) return el("span", { class: "muted" }, "–", unseen("no cluster known"));
    if (names.length === 1) return el("span", { class: "cluster-name" }, names[0]);
    return el("span", { class: "badge shared", title: names.join("\n") }, icon("shared"), `shared by ${names.length} clusters`);
  }

  function scoreBand(score) {
    if (score === null || score === undefined) return "none";
    if (score >= 80) return "good";
    return score >= 50 ? "middling" : "poor";
  }

  function scoreText(score) {
    return score === null || score === undefined ? "not assessed" : `score ${score} of 100`;
  }

  function scoreRing(score, size) {
    const assessed = scoreBand(score) !== "none";
    const track = svg("circle", { class: "ring-track", cx: 20, cy: 20, r: 17, pathLength: 100 });
    const arc = svg("circle", { class: "ring-arc", cx: 20, cy: 20, r: 17, pathLength: 100, "stroke-dasharray": `${score ?? 0} 100` });
    const drawing = svg("svg", { viewBox: "0 0 40 40", "aria-hidden": "true" }, track, ...(score ? [arc] : []));
    const label = el("span", { class: "ring-label", "aria-hidden": "true" }, assessed ? String(score) : "–");
    const attributes = { class: `ring ring-${size} band-${scoreBand(score)}`, role: "img", "aria-label": scoreText(score) };
    return el("span", attributes, drawing, label);
  }

  function scoreBar(score) {
    const fill = el("span", { class: "bar-fill", style: { width: `${score ?? 0}%` } });
    return el("span", { class: `bar band-${scoreBand(score)}`, "aria-hidden": "true" }, fill);
  }

  const COUNTS = [
    ["fail", "fail", "fail"],
    ["unknown", "unknown", "unknown"],
    ["pass", "pass", "pass"],
    ["not-applicable", "notApplicable", "n.a."],
    ["waived", "waived", "waived"],
  ];

  function countList(counts) {
    const shown = COUNTS.filter(([result, field]) => result !== "waived" || counts[field]);
    const items = shown.map(([result, field, label]) =>
      el(
        "li",
        { class: `count result-${result}`, "data-zero": !counts[field] },
        icon(result),
        el("b", {}, number(counts[field])),
        label === "n.a." ? el("abbr", { title: "not applicable" }, label) : label,
      ),
    );
    return el("ul", { class: "counts" }, items);
  }

  function worstMark({ worst, score }) {
    if (worst) return ["worst", severityBadge(worst)];
    return el("span", { class: "badge plain" }, scoreBand(score) === "none" ? "not assessed" : "nothing failing");
  }

  // Lets a long id or path break at its separators before it breaks anywhere.
  function breakable(text) {
    return text.split(/(?<=[/.])/).flatMap((part, index) => (index ? [el("wbr"), part] : [part]));
  }

  // --------------------------------------------------------------------- copy

  function copyButton(text, what) {
    const label = el("span", {}, "Copy");
    const button = el("button", { type: "button", class: "copy", "aria-label": `Copy ${what}` }, icon("copy"), label);
    button.addEventListener("click", () => copyFrom(button, label, text, what));
    return button;
  }

  async function copyFrom(button, label, text, what) {
    const done = await copyText(text);
    label.textContent = done ? "Copied" : "Select and copy";
    button.classList.toggle("copied", done);
    announce(done ? `copied ${what}` : `could not copy ${what}`);
    setTimeout(() => {
      label.textContent = "Copy";
      button.classList.remove("copied");
    }, 1600);
  }

  async function copyText(text) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      return copyBySelection(text);
    }
  }

  function copyBySelection(text) {
    const area = el("textarea", { class: "unseen", "aria-hidden": "true" });
    const focused = document.activeElement;
    area.value = text;
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    focused?.focus();
    return done;
  }

  function codeBlock(text, what) {
    return el("div", { class: "code" }, scroller("pre", what, el("code", {}, text)), copyButton(text, what));
  }

  // A region that scrolls sideways must be reachable from the keyboard.
  function scroller(tag, label, ...children) {
    return el(tag, { class: "scroll", tabindex: "0", role: "region", "aria-label": label }, ...children);
  }

  // ----------------------------------------------------------------- markdown

  const FENCE = /^ {0,3}(`{3,}|~{3,})\s*([\w+.-]*)[^`]*$/;
  const HEADING = /^ {0,3}(#{1,6})(?:\s+(.*?))?(?:\s+#+)?\s*$/;
  const RULE = /^ {0,3}(?:(?:-\s*){3,}|(?:\*\s*){3,}|(?:_\s*){3,})$/;
  const ITEM = /^(\s*)([-*+]|\d{1,9}[.)])(\s+)(.*)$/;
  const QUOTE = /^ {0,3}> ?/;
  const TABLE_RULE = /^\s*\|?(?:\s*:?-+:?\s*\|)+(?:\s*:?-+:?\s*)?$|^\s*\|\s*:?-+:?\s*$/;
  const DEFINITION = /^ {0,3}\[([^\]]+)\]:\s+<?(\S+?)>?(?:\s+["'(].*)?$/;
  const DEEPEST = 12;

  // Renders the markdown that control pages use. HTML in it stays visible text.
  function markdown(text) {
    const definitions = new Map();
    const lines = [];
    for (const line of text.replace(/\r\n?/g, "\n").split("\n")) {
      const definition = DEFINITION.exec(line);
      if (definition) definitions.set(definition[1].toLowerCase(), definition[2]);
      else lines.push(line);
    }
    return blocks(lines, { definitions, depth: 0 });
  }

  function blocks(lines, context) {
    const nodes = [];
    let at = 0;
    while (at < lines.length) {
      const [node, next] = block(lines, at, context);
      if (node) nodes.push(node);
      at = next;
    }
    return nodes;
  }

  function block(lines, at, context) {
    const line = lines[at];
    if (line.trim() === "") return [null, at + 1];
    if (FENCE.test(line)) return fencedBlock(lines, at);
    if (HEADING.test(line)) return [headingBlock(line, context), at + 1];
    if (RULE.test(line)) return [el("hr"), at + 1];
    if (context.depth < DEEPEST && QUOTE.test(line)) return quoteBlock(lines, at, context);
    if (context.depth < DEEPEST && ITEM.test(line)) return listBlock(lines, at, context);
    if (startsTable(lines, at)) return tableBlock(lines, at, context);
    return paragraphBlock(lines, at, context);
  }

  function fencedBlock(lines, at) {
    const [, fence, language] = FENCE.exec(lines[at]);
    const indent = lines[at].search(/\S/);
    let end = at + 1;
    while (end < lines.length && !closesFence(lines[end], fence)) end += 1;
    const text = lines.slice(at + 1, end).map((line) => withoutIndent(line, indent)).join("\n");
    return [codeBlock(text, language ? `the ${language} code` : "the code"), end + 1];
  }

  function closesFence(line, fence) {
    const text = line.trim();
    return text.length >= fence.length && text === fence[0].repeat(text.length);
  }

  function withoutIndent(line, width) {
    const indent = Math.min(width, line.length - line.trimStart().length);
    return line.slice(indent);
  }

  // The page has its own h1, so a heading here starts at h2.
  function headingBlock(line, context) {
    const [, marks, text = ""] = HEADING.exec(line);
    return el(`h${Math.max(2, marks.length)}`, {}, inline(text, context));
  }

  function quoteBlock(lines, at, context) {
    let end = at;
    while (end < lines.length && QUOTE.test(lines[end])) end += 1;
    const inner = lines.slice(at, end).map((line) => line.replace(QUOTE, ""));
    return [el("blockquote", {}, blocks(inner, deeper(context))), end];
  }

  function deeper(context) {
    return { ...context, depth: context.depth + 1 };
  }

  function listBlock(lines, at, context) {
    const first = ITEM.exec(lines[at]);
    const ordered = /\d/.test(first[2]);
    const items = [];
    let next = at;
    while (next < lines.length && continuesList(lines[next], first)) {
      const [item, end] = listItem(lines, next, context);
      items.push(item);
      next = skipBlank(lines, end);
    }
    const start = ordered ? Number.parseInt(first[2], 10) : 1;
    return [el(ordered ? "ol" : "ul", { start: start === 1 ? undefined : start }, items), next];
  }

  function continuesList(line, first) {
    const item = ITEM.exec(line);
    if (!item || RULE.test(line)) return false;
    return /\d/.test(item[2]) === /\d/.test(first[2]) && item[1].length <= first[1].length + 1;
  }

  function skipBlank(lines, at) {
    let next = at;
    while (next < lines.length && lines[next].trim() === "") next += 1;
    return next;
  }

  function listItem(lines, at, context) {
    const [, indent, marker, gap, text] = ITEM.exec(lines[at]);
    const width = indent.length + marker.length + Math.min(gap.length, 4);
    const body = [text];
    let end = at + 1;
    while (end < lines.length && belongsToItem(lines, end, width)) {
      body.push(withoutIndent(lines[end], width));
      end += 1;
    }
    return [el("li", {}, itemContent(body, context)), end];
  }

  function belongsToItem(lines, at, width) {
    const line = lines[at];
    if (line.trim() === "") {
      const next = skipBlank(lines, at);
      return next < lines.length && indentOf(lines[next]) >= width;
    }
    if (indentOf(line) >= width) return true;
    return lines[at - 1].trim() !== "" && !startsBlock(line);
  }

  function indentOf(line) {
    return line.length - line.trimStart().length;
  }

  function startsBlock(line) {
    return [FENCE, HEADING, RULE, QUOTE, ITEM].some((pattern) => pattern.test(line));
  }

  // A tight item shows its text without a paragraph around it.
  function itemContent(body, context) {
    const nodes = blocks(body, deeper(context));
    if (body.some((line) => line.trim() === "") || nodes[0]?.tagName !== "P") return nodes;
    return [...nodes[0].childNodes, ...nodes.slice(1)];
  }

  function startsTable(lines, at) {
    return lines[at].includes("|") && at + 1 < lines.length && TABLE_RULE.test(lines[at + 1]);
  }

  function tableBlock(lines, at, context) {
    const head = tableCells(lines[at]);
    let end = at + 2;
    while (end < lines.length && lines[end].trim() !== "" && lines[end].includes("|")) end += 1;
    const rows = lines.slice(at + 2, end).map((line) => tableCells(line).slice(0, head.length));
    const table = el(
      "table",
      { class: "plain-table" },
      el("thead", {}, el("tr", {}, head.map((cell) => el("th", { scope: "col" }, inline(cell, context))))),
      el("tbody", {}, rows.map((cells) => el("tr", {}, cells.map((cell) => el("td", {}, inline(cell, context)))))),
    );
    return [scroller("div", "Table", table), end];
  }

  function tableCells(line) {
    const inner = line.trim().replace(/^\|/, "").replace(/(^|[^\\])\|$/, "$1");
    return inner.split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll("\\|", "|"));
  }

  function paragraphBlock(lines, at, context) {
    let end = at + 1;
    while (end < lines.length && lines[end].trim() !== "" && !startsBlock(lines[end]) && !startsTable(lines, end)) end += 1;
    const text = lines.slice(at, end).map((line) => line.trimStart()).join("\n");
    return [el("p", {}, inline(text.trimEnd(), context)), end];
  }

  const INLINE_RULES = [
    [/\\([!-/:-@[-`{-~])/y, (match) => match[1]],
    [/(`+)(?!`)([^]*?[^`])\1(?!`)/y, (match) => el("code", {}, codeSpanText(match[2]))],
    [/!?\[((?:[^[\]\\]|\\.|\[[^[\]]*\])*)\]\(\s*<?((?:[^\s<>()]|\([^\s()]*\))*)>?(?:\s+"[^"]*")?\s*\)/y, (match, context) => link(match[2], inline(match[1], deeper(context)))],
    [/\[([^[\]]+)\](?:\[([^[\]]*)\])?/y, referenceLink],
    [/<(https?:\/\/[^\s<>]+)>/y, (match) => link(match[1], [match[1]])],
    [/https?:\/\/[^\s<>()`"'*]*[^\s<>()`"'*.,;:!?]/y, (match) => link(match[0], [match[0]])],
    [/\*\*(?=\S)([^]*?\S)\*\*/y, (match, context) => el("strong", {}, inline(match[1], deeper(context)))],
    [/__(?=\S)([^]*?\S)__(?!\w)/y, (match, context) => el("strong", {}, inline(match[1], deeper(context)))],
    [/\*(?=[^\s*])([^*]*[^\s*])\*/y, (match, context) => el("em", {}, inline(match[1], deeper(context)))],
    [/_(?=[^\s_])([^_]*[^\s_])_(?!\w)/y, (match, context) => el("em", {}, inline(match[1], deeper(context)))],
    [/~~(?=\S)([^]*?\S)~~/y, (match, context) => el("del", {}, inline(match[1], deeper(context)))],
    [/(?: {2,}|\\)\n/y, () => el("br")],
  ];
  const INLINE_START = /[\\`![<*_~ h]/;

  function inline(text, context) {
    if (context.depth > DEEPEST) return [text];
    const nodes = [];
    let plain = "";
    let at = 0;
    while (at < text.length) {
      const [node, next] = inlineAt(text, at, context);
      if (node === null || typeof node === "string") {
        plain += node ?? text[at];
      } else {
        if (plain) nodes.push(plain);
        nodes.push(node);
        plain = "";
      }
      at = next;
    }
    if (plain) nodes.push(plain);
    return nodes;
  }

  function inlineAt(text, at, context) {
    const letter = text[at];
    const inWord = at > 0 && /\w/.test(text[at - 1]);
    if (!INLINE_START.test(letter) || ((letter === "_" || letter === "h") && inWord)) return [null, at + 1];
    for (const [pattern, render] of INLINE_RULES) {
      pattern.lastIndex = at;
      const match = pattern.exec(text);
      const node = match && render(match, context);
      if (node) return [node, at + match[0].length];
    }
    return [null, at + 1];
  }

  function codeSpanText(text) {
    const line = text.replaceAll("\n", " ");
    return /^ .*[^ ].* $/.test(line) ? line.slice(1, -1) : line;
  }

  function referenceLink(match, context) {
    const target = context.definitions.get((match[2] || match[1]).toLowerCase());
    return target ? link(target, inline(match[1], deeper(context))) : null;
  }

  // Only web addresses become links: anything else could run code or open a file.
  function link(target, content) {
    if (!/^https?:\/\//i.test(target)) return el("span", {}, content);
    const attributes = { href: target, rel: "noopener noreferrer", target: "_blank", class: "external" };
    return el("a", attributes, content, icon("external"), unseen(" (opens in a new tab)"));
  }

  // Splits a control page at its second-level headings.
  function pageSections(page) {
    const sections = [{ title: "", lines: [] }];
    let fence;
    for (const line of (page ?? "").split("\n")) {
      const heading = fence ? null : /^##?\s+(.*?)\s*#*\s*$/.exec(line);
      fence = fenceAfter(line, fence);
      if (heading) sections.push({ title: heading[1], lines: [], level: line.startsWith("##") ? 2 : 1 });
      else sections.at(-1).lines.push(line);
    }
    return sections.filter(hasContent).map(({ title, level, lines }) => ({ title: level === 2 ? title : "", text: lines.join("\n") }));
  }

  function hasContent(section) {
    return section.lines.some((line) => line.trim() !== "");
  }

  function fenceAfter(line, fence) {
    if (fence) return closesFence(line, fence) ? undefined : fence;
    return FENCE.exec(line)?.[1];
  }

  function sectionNamed(sections, title) {
    return sections.find((section) => section.title.toLowerCase() === title);
  }

  // ------------------------------------------------------------------- source

  const TOKEN = /(^|\s)(#.*|\/\/.*)$|("(?:[^"\\]|\\.)*"(?=\s*:))|("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(^\s*(?:- +)?[\w./-]+(?=:(?:\s|$)))|((?<![\w.-])(?:-?\d+(?:\.\d+)?|true|false|null)(?![\w.-]))/g;
  const TOKEN_KINDS = [undefined, undefined, "comment", "key", "string", "key", "literal"];

  function sourceBlock(location, what) {
    const place = placeOf(location);
    const heading = el("div", { class: "source-head" }, el("code", { class: "path" }, place), copyButton(place, "the place"));
    if (!location.excerpt?.lines?.length) return el("figure", { class: "source" }, heading, labelNote(location));
    const digits = String(location.excerpt.firstLine + location.excerpt.lines.length - 1).length;
    const lines = location.excerpt.lines.map((text, index) => sourceLine(text, location.excerpt.firstLine + index, location));
    const code = el("code", { style: { "--digits": String(digits) } }, lines);
    return el("figure", { class: "source" }, heading, scroller("pre", `${what}, ${place}`, code));
  }

  function labelNote(location) {
    return location.label ? el("p", { class: "source-label" }, location.label) : null;
  }

  function sourceLine(text, line, location) {
    const characters = Array.from(text);
    const span = spanOnLine(characters, line, location);
    const content = el("span", { class: "text" }, spannedText(characters, span));
    const row = el("span", { class: span ? "line in-span" : "line", "data-line": String(line) }, content, "\n");
    return line === lastMarkedLine(location) && location.label ? [row, spanNote(location, characters, span)] : row;
  }

  // A span may run past the excerpt; its note stays under the last line shown.
  function lastMarkedLine(location) {
    const lastShown = location.excerpt.firstLine + location.excerpt.lines.length - 1;
    const lastOfSpan = location.endColumn === 1 && location.endLine > location.startLine ? location.endLine - 1 : location.endLine;
    return Math.min(lastOfSpan, lastShown);
  }

  // Columns count characters from one, and the end is exclusive. A long line was cut: the excerpt
  // starts at its first column.
  function spanOnLine(characters, line, location) {
    if (line < location.startLine || line > lastMarkedLine(location)) return null;
    const first = location.excerpt.firstColumn ?? 1;
    const limit = characters.length;
    const index = (column) => Math.min(Math.max(column - first, 0), limit);
    const from = line === location.startLine ? index(location.startColumn) : 0;
    const to = line === location.endLine ? index(location.endColumn) : limit;
    return { from, to: Math.max(to, from) };
  }

  function spannedText(characters, span) {
    const [first, last] = visibleWindow(characters, span);
    const before = first > 0 ? [el("span", { class: "cut-off" }, "…")] : [];
    const after = last < characters.length ? [el("span", { class: "cut-off" }, "…")] : [];
    return [...before, ...pieces(characters, span, first, last), ...after];
  }

  // A minified file is one line of any length: show what surrounds the span.
  function visibleWindow(characters, span) {
    if (characters.length <= LONGEST_LINE) return [0, characters.length];
    const first = Math.max(0, (span?.from ?? 0) - LEAD_IN);
    return [first, Math.min(characters.length, Math.max(first + LONGEST_LINE, span?.to ?? 0))];
  }

  function pieces(characters, span, first, last) {
    if (!span) return coloured(characters.slice(first, last).join(""));
    return [
      ...coloured(characters.slice(first, span.from).join("")),
      marked(characters.slice(span.from, span.to).join("")),
      ...coloured(characters.slice(span.to, last).join("")),
    ];
  }

  // The indent of a line inside a long span belongs to the span, but isn't coloured with it.
  function marked(text) {
    const words = text.trimStart();
    const indent = text.slice(0, text.length - words.length);
    return el("mark", {}, indent && el("span", { class: "indent" }, indent), coloured(words));
  }

  function coloured(text) {
    const nodes = [];
    let at = 0;
    for (const match of text.matchAll(TOKEN)) {
      const kind = match.findIndex((group, index) => index > 1 && group !== undefined);
      const start = match.index + (match[1]?.length ?? 0);
      nodes.push(text.slice(at, start), el("span", { class: `token-${TOKEN_KINDS[kind]}` }, match[kind]));
      at = start + match[kind].length;
    }
    nodes.push(text.slice(at));
    return nodes.filter((node) => node !== "");
  }

  function spanNote(location, characters, span) {
    const several = location.endLine > location.startLine;
    const [first] = visibleWindow(characters, span);
    const column = several ? characters.findIndex((character) => character.trim() !== "") : span.from - first + (first > 0 ? 2 : 0);
    const indent = Math.min(Math.max(column, 0), 60);
    return el("span", { class: "note", style: { "--indent": String(indent) } }, el("span", {}, location.label));
  }

  // ------------------------------------------------------------ list of findings

  const FACETS = {
    result: (row) => [row.finding.result],
    severity: (row) => [row.finding.severity],
    recommendation: (row) => [String(row.control.recommendation ?? "")],
    cluster: (row) => (row.finding.clusters.length ? row.finding.clusters : [NO_CLUSTER]),
    control: (row) => [row.control.code],
  };

  const COLUMNS = [
    { id: "result", label: "Result", compare: (a, b) => a.resultRank - b.resultRank },
    { id: "severity", label: "Severity", compare: (a, b) => a.severityRank - b.severityRank },
    { id: "finding", label: "Finding", compare: (a, b) => collator.compare(a.finding.subject.name, b.finding.subject.name) },
    { id: "control", label: "Control", compare: (a, b) => collator.compare(a.control.code, b.control.code) },
    { id: "cluster", label: "Cluster", compare: (a, b) => collator.compare(clusterOrder(a), clusterOrder(b)) },
    { id: "place", label: "Source", compare: (a, b) => collator.compare(placeOf(a.finding.location), placeOf(b.finding.location)) },
  ];

  const GROUPINGS = {
    control: { label: "Control", keyOf: (row) => row.control.code, heading: controlGroupHeading },
    resource: { label: "Resource", keyOf: (row) => row.finding.subject.id, heading: resourceGroupHeading },
    cluster: { label: "Cluster", keyOf: (row) => row.finding.clusters.join("\n"), heading: clusterGroupHeading },
  };

  function clusterOrder(row) {
    const { clusters } = row.finding;
    return clusters.length === 1 ? clusterName(clusters[0]) : `\uffff${clusters.length}`;
  }

  function controlGroupHeading(row) {
    return [el("code", {}, row.control.code), el("span", { class: "group-title" }, row.control.title || row.control.name)];
  }

  function resourceGroupHeading(row) {
    const { subject } = row.finding;
    return [el("span", { class: "group-title", title: subject.id }, subject.name), el("span", { class: "muted" }, subject.type)];
  }

  function clusterGroupHeading(row) {
    const names = row.finding.clusters.map(clusterName);
    if (names.length === 0) return [el("span", { class: "group-title" }, "No cluster known")];
    if (names.length === 1) return [el("span", { class: "group-title" }, names[0])];
    return [clusterMark(row.finding), el("span", { class: "muted group-names" }, names.join(", "))];
  }

  class FindingsPanel {
    constructor({ rows, route, fixed = [] }) {
      this.rows = rows;
      this.route = route;
      this.fixed = fixed;
      this.facets = Object.keys(FACETS).filter((facet) => !fixed.includes(facet));
      this.chunks = 1;
      this.folded = new Set();
      this.readState(route.parameters);
      this.build();
      this.update();
    }

    readState(parameters) {
      this.chosen = {};
      for (const facet of this.facets) this.chosen[facet] = new Set(listParameter(parameters, facet));
      if (!parameters.has("result")) this.chosen.result = new Set(OPEN_RESULTS);
      this.query = parameters.get("q") ?? "";
      this.grouping = Object.hasOwn(GROUPINGS, parameters.get("group") ?? "") ? parameters.get("group") : "";
      const [column, direction] = (parameters.get("sort") ?? "").split(":");
      this.column = COLUMNS.some(({ id }) => id === column) ? column : "severity";
      this.descending = direction === "down";
    }

    stateQuery() {
      const query = {};
      for (const facet of this.facets) {
        const values = [...this.chosen[facet]];
        if (facet === "result" ? !sameValues(values, OPEN_RESULTS) : values.length) query[facet] = values.join(",");
      }
      if (this.query) query.q = this.query;
      if (this.grouping) query.group = this.grouping;
      if (this.column !== "severity" || this.descending) query.sort = this.column + (this.descending ? ":down" : "");
      return query;
    }

    build() {
      this.chips = [];
      this.selects = [];
      this.search = this.buildSearch();
      this.status = el("p", { class: "tally", role: "status" });
      this.reset = el("button", { type: "button", class: "link", on: { click: () => this.clear() } }, "Reset the filters");
      this.table = this.buildTable();
      this.more = el("button", { type: "button", class: "button more", on: { click: () => this.showMore() } });
      this.element = el(
        "section",
        { class: "findings", "aria-label": "Findings" },
        this.buildFilters(),
        el("div", { class: "tally-row" }, this.status, this.reset),
        this.table,
        this.more,
      );
    }

    buildSearch() {
      const field = el("input", {
        type: "search",
        id: "search",
        placeholder: "Search id, message, code or path",
        "aria-label": "Search the findings",
        autocomplete: "off",
        spellcheck: "false",
        "aria-keyshortcuts": "/",
      });
      field.value = this.query;
      field.addEventListener("input", () => this.searchSoon());
      field.addEventListener("keydown", (event) => this.searchKey(event));
      return field;
    }

    buildFilters() {
      const box = el("div", { class: "search" }, icon("search"), this.search, el("kbd", { "aria-hidden": "true" }, "/"));
      const body = el(
        "div",
        { class: "filter-body", id: "filter-body" },
        this.buildChips("result", "Result", RESULTS, resultBadge),
        this.buildChips("severity", "Severity", SEVERITIES, severityBadge),
        this.buildSelect("recommendation", "Recommendation", recommendationOptions()),
        this.buildSelect("cluster", "Cluster", clusterOptions()),
        this.buildSelect("control", "Control", controlOptions(this.rows)),
        this.buildGrouping(),
        this.buildSorting(),
      );
      return el("div", { class: "filters", role: "search", "aria-label": "Findings" }, el("div", { class: "filter-top" }, box, filterToggle()), body);
    }

    buildChips(facet, label, values, badge) {
      if (!this.facets.includes(facet)) return null;
      const buttons = values.map((value) => this.buildChip(facet, value, badge));
      return el("div", { class: "chips", role: "group", "aria-label": label }, buttons);
    }

    buildChip(facet, value, badge) {
      const count = el("span", { class: "chip-count" });
      const attributes = { type: "button", class: "chip", "data-filter": facet, "data-value": value };
      const button = el("button", { ...attributes, on: { click: () => this.toggle(facet, value) } }, badge(value), count);
      this.chips.push({ facet, value, button, count });
      return button;
    }

    buildSelect(facet, label, options) {
      if (!this.facets.includes(facet) || options.length < 2) return null;
      const all = el("option", { value: "" }, "All");
      const choices = options.map(([value, text]) => ({ value, text, option: el("option", { value }, text) }));
      const select = el("select", { "data-filter": facet }, all, choices.map(({ option }) => option));
      select.addEventListener("change", () => this.choose(facet, select.value));
      this.selects.push({ facet, select, choices });
      return el("label", { class: "field" }, el("span", {}, label), select);
    }

    buildGrouping() {
      const options = Object.entries(GROUPINGS).map(([value, { label }]) => el("option", { value }, label));
      const select = el("select", { "data-filter": "group" }, el("option", { value: "" }, "Nothing"), options);
      select.value = this.grouping;
      select.addEventListener("change", () => this.groupBy(select.value));
      this.groupSelect = select;
      return el("label", { class: "field" }, el("span", {}, "Group by"), select);
    }

    // The cards of a narrow screen have no column heads to sort by.
    buildSorting() {
      const select = el("select", { "data-filter": "sort" }, COLUMNS.map(({ id, label }) => el("option", { value: id }, label)));
      select.addEventListener("change", () => this.sortBy(select.value));
      this.sortSelect = select;
      return el("label", { class: "field narrow-only" }, el("span", {}, "Sort by"), select);
    }

    // On a narrow screen the table is laid out as cards, which would take the
    // roles of its parts away; so they are written out.
    buildTable() {
      this.headers = COLUMNS.map((column) => this.buildHeader(column));
      const head = el("thead", { role: "rowgroup" }, el("tr", { role: "row" }, this.headers.map(({ cell }) => cell)));
      const table = el("table", { class: "finding-table", role: "table", "data-chunk": String(CHUNK), "data-fixed": this.fixed.join(" ") }, el("caption", { class: "unseen" }, "Findings"), head);
      table.addEventListener("click", (event) => openClickedRow(event));
      table.addEventListener("keydown", (event) => this.tableKey(event));
      return table;
    }

    buildHeader(column) {
      const button = el("button", { type: "button", on: { click: () => this.sortBy(column.id) } }, column.label, icon("down"));
      return { id: column.id, cell: el("th", { scope: "col", role: "columnheader", class: `col-${column.id}` }, button) };
    }

    // ------------------------------------------------------------- changes

    toggle(facet, value) {
      const chosen = this.chosen[facet];
      if (!chosen.delete(value)) chosen.add(value);
      this.restart();
    }

    choose(facet, value) {
      this.chosen[facet] = new Set(value ? [value] : []);
      this.restart();
    }

    groupBy(grouping) {
      this.grouping = grouping;
      this.folded.clear();
      this.restart();
    }

    sortBy(column) {
      this.descending = this.column === column && !this.descending;
      this.column = column;
      this.restart();
    }

    searchSoon() {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.searchNow(), SEARCH_DELAY);
    }

    searchNow() {
      clearTimeout(this.timer);
      if (this.query === this.search.value.trim()) return;
      this.query = this.search.value.trim();
      this.restart();
    }

    clear() {
      this.search.value = "";
      this.readState(new URLSearchParams());
      this.groupSelect.value = this.grouping;
      this.restart();
      this.search.focus();
    }

    restart() {
      this.chunks = 1;
      this.update();
      const hash = hashFor(this.route.page, this.route.value || undefined, this.stateQuery());
      replaceHash(hash);
    }

    // -------------------------------------------------------------- drawing

    update() {
      this.terms = this.query.toLowerCase().split(/\s+/).filter(Boolean);
      this.select();
      this.sort();
      this.drawControls();
      this.drawRows();
    }

    // One pass gives the matching rows and every facet's counts: a row counts
    // for a facet when all the other facets accept it.
    select() {
      this.counts = {};
      for (const facet of this.facets) this.counts[facet] = new Map();
      this.matching = this.rows.filter((row) => this.accept(row));
    }

    accept(row) {
      if (!this.terms.every((term) => haystackOf(row).includes(term))) return false;
      const refusing = this.facets.filter((facet) => !this.facetAccepts(facet, row));
      if (refusing.length > 1) return false;
      for (const facet of refusing.length ? refusing : this.facets) this.countRow(facet, row);
      return refusing.length === 0;
    }

    facetAccepts(facet, row) {
      const chosen = this.chosen[facet];
      return chosen.size === 0 || FACETS[facet](row).some((value) => chosen.has(value));
    }

    countRow(facet, row) {
      const counts = this.counts[facet];
      for (const value of FACETS[facet](row)) counts.set(value, (counts.get(value) ?? 0) + 1);
    }

    // The rows come ordered by urgency, and the sort is stable.
    sort() {
      const { compare } = COLUMNS.find(({ id }) => id === this.column);
      const sign = this.descending ? -1 : 1;
      if (this.column !== "severity" || this.descending) this.matching.sort((a, b) => sign * compare(a, b));
      this.groups = this.grouping ? [...groupBy(this.matching, GROUPINGS[this.grouping].keyOf)] : [["", this.matching]];
      this.order = this.groups.flatMap(([, rows]) => rows);
    }

    drawControls() {
      for (const { facet, value, button, count } of this.chips) {
        button.setAttribute("aria-pressed", String(this.chosen[facet].has(value)));
        count.textContent = number(this.counts[facet].get(value));
      }
      for (const choice of this.selects) this.drawSelect(choice);
      for (const { id, cell } of this.headers) drawSortOrder(cell, id === this.column, this.descending);
      this.sortSelect.value = this.column;
      this.reset.hidden = Object.keys(this.stateQuery()).length === 0;
    }

    drawSelect({ facet, select, choices }) {
      for (const { value, text, option } of choices) option.textContent = `${text} (${number(this.counts[facet].get(value))})`;
      select.value = [...this.chosen[facet]][0] ?? "";
    }

    drawRows() {
      for (const body of [...this.table.tBodies]) body.remove();
      this.pending = this.entries();
      this.shown = 0;
      for (let chunk = 0; chunk < this.chunks; chunk += 1) this.drawChunk();
      if (this.matching.length === 0) this.table.append(this.emptyBody());
    }

    *entries() {
      for (const [key, rows] of this.groups) {
        if (this.grouping) yield { group: key, rows };
        if (!this.folded.has(key)) for (const row of rows) yield { row };
      }
    }

    drawChunk() {
      for (let drawn = 0; drawn < CHUNK; ) {
        const { value, done } = this.pending.next();
        if (done) break;
        if (value.row) drawn += this.drawRow(value.row);
        else drawn += this.drawGroup(value);
      }
      this.drawTally();
    }

    drawRow(row) {
      const body = this.table.tBodies[this.table.tBodies.length - 1] ?? this.table.appendChild(el("tbody", { role: "rowgroup" }));
      body.append(findingTableRow(row, this.terms));
      this.shown += 1;
      return 1;
    }

    // A folded group counts as a row, so a list of nothing but headings is bounded too.
    drawGroup({ group, rows }) {
      const folded = this.folded.has(group);
      const attributes = { type: "button", class: "group-toggle", "aria-expanded": String(!folded), "data-group": group };
      const heading = GROUPINGS[this.grouping].heading(rows[0]);
      const button = el("button", attributes, icon("down"), heading, groupTally(rows));
      button.addEventListener("click", () => this.fold(group));
      const cell = el("th", { scope: "rowgroup", role: "rowheader", colspan: String(COLUMNS.length) }, button);
      this.table.append(el("tbody", { role: "rowgroup" }, el("tr", { class: "group", role: "row" }, cell)));
      return folded ? 1 : 0;
    }

    hiddenCount() {
      return this.groups.reduce((sum, [key, rows]) => sum + (this.folded.has(key) ? rows.length : 0), 0);
    }

    fold(group) {
      if (!this.folded.delete(group)) this.folded.add(group);
      this.drawRows();
      const toggles = this.table.querySelectorAll(".group-toggle");
      [...toggles].find((toggle) => toggle.dataset.group === group)?.focus();
    }

    drawTally() {
      const total = this.matching.length;
      const hidden = this.folded.size ? this.hiddenCount() : 0;
      const left = total - hidden - this.shown;
      this.status.replaceChildren(...tallyText(total, this.rows.length, left, this.shown));
      this.more.hidden = left <= 0;
      this.more.textContent = `Show ${number(Math.min(CHUNK, left))} more of ${number(left)}`;
    }

    showMore() {
      const before = this.stops().length;
      this.chunks += 1;
      this.drawChunk();
      this.stops()[before]?.focus();
    }

    emptyBody() {
      const text = this.rows.length === 0 ? "There is no finding here." : "No finding matches these filters.";
      const cell = el("td", { role: "cell", colspan: String(COLUMNS.length), class: "empty" }, text);
      return el("tbody", { role: "rowgroup" }, el("tr", { role: "row" }, cell));
    }

    // ------------------------------------------------------------- keyboard

    stops() {
      return [...this.table.querySelectorAll("a.open, .group-toggle")];
    }

    searchKey(event) {
      if (event.key === "ArrowDown") {
        this.searchNow();
        this.stops()[0]?.focus();
        event.preventDefault();
      } else if (event.key === "Escape") {
        if (this.search.value === "") this.search.blur();
        this.search.value = "";
        this.searchNow();
        event.preventDefault();
      } else if (event.key === "Enter") {
        this.searchNow();
      }
    }

    tableKey(event) {
      const stops = this.stops();
      const at = stops.indexOf(event.target);
      const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: stops.length - 1 }[event.key];
      if (at < 0 || next === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      if (next < 0) this.search.focus();
      else if (next < stops.length) stops[next].focus();
      else if (!this.more.hidden) this.showMore();
    }

    // ------------------------------------------------------- coming back to it

    snapshot(openedKey) {
      return { hash: location.hash, chunks: this.chunks, folded: this.folded, scroll: window.scrollY, key: openedKey, rows: this.order };
    }

    restore({ chunks, folded, scroll, key }) {
      this.chunks = chunks;
      this.folded = folded;
      this.drawRows();
      window.scrollTo(0, scroll);
      const row = [...this.table.querySelectorAll("tr[data-finding]")].find((candidate) => candidate.dataset.finding === key);
      row?.querySelector("a.open").focus({ preventScroll: true });
      row?.scrollIntoView({ block: "nearest" });
    }
  }

  function listParameter(parameters, name) {
    return (parameters.get(name) ?? "").split(",").filter(Boolean);
  }

  function sameValues(values, others) {
    return values.length === others.length && others.every((value) => values.includes(value));
  }

  function filterToggle() {
    const button = el("button", { type: "button", class: "button filter-toggle", "aria-expanded": "false", "aria-controls": "filter-body" }, icon("filter"), "Filters");
    button.addEventListener("click", () => {
      const open = button.getAttribute("aria-expanded") !== "true";
      button.setAttribute("aria-expanded", String(open));
    });
    return button;
  }

  function recommendationOptions() {
    return report.recommendations.map(({ number: place, title }) => [String(place), `${place}. ${title}`]);
  }

  function clusterOptions() {
    const clusters = [...report.clusters.keys()].map((id) => [id, clusterName(id)]).sort((a, b) => collator.compare(a[1], b[1]));
    return clusters.length ? [...clusters, [NO_CLUSTER, "No cluster known"]] : [];
  }

  function controlOptions(rows) {
    const codes = [...new Set(rows.map((row) => row.control.code))].sort(collator.compare);
    return codes.map((code) => [code, [code, report.controls.get(code)?.name].filter(Boolean).join(" ")]);
  }

  function drawSortOrder(cell, sorted, descending) {
    if (sorted) cell.setAttribute("aria-sort", descending ? "descending" : "ascending");
    else cell.removeAttribute("aria-sort");
  }

  function tallyText(total, all, left, shown) {
    const text = [el("b", {}, counted(total, "finding"))];
    if (all !== total) text.push(` of ${number(all)}`);
    if (left > 0) text.push(`, the first ${number(shown)} shown`);
    return text;
  }

  function groupTally(rows) {
    const counts = countBy(rows, (row) => row.finding.result);
    const parts = RESULTS.filter((result) => counts.has(result)).map((result) =>
      el("span", { class: `count result-${result}` }, icon(result), number(counts.get(result)), unseen(` ${RESULT_NAMES[result]}`)),
    );
    return el("span", { class: "group-tally" }, parts);
  }

  function findingTableRow(row, terms) {
    const { finding, control } = row;
    return el(
      "tr",
      { role: "row", "data-finding": row.key },
      el("td", { role: "cell", class: "col-result" }, resultBadge(finding.result)),
      el("td", { role: "cell", class: "col-severity" }, severityBadge(finding.severity)),
      el("td", { role: "cell", class: "col-finding" }, findingCell(row, terms)),
      el("td", { role: "cell", class: "col-control" }, el("code", { title: control.title }, highlighted(control.code, terms))),
      el("td", { role: "cell", class: "col-cluster" }, clusterMark(finding)),
      el("td", { role: "cell", class: "col-place" }, placeCell(finding.location, terms)),
    );
  }

  function findingCell({ finding, key }, terms) {
    const { subject } = finding;
    return [
      el("a", { class: "open", href: hashFor("finding", key) }, highlighted(finding.message, terms)),
      el(
        "span",
        { class: "subject", title: subject.id },
        el("span", { class: "subject-name" }, highlighted(subjectLabel(subject), terms)),
        el("span", { class: "subject-type" }, subject.type),
      ),
    ];
  }

  // The id of an object is short enough to show; that of a resource is not.
  function subjectLabel(subject) {
    return subject.kind === "object" ? subject.id : subject.name || subject.id;
  }

  function placeCell(location, terms) {
    if (!location) return el("span", { class: "muted" }, "–", unseen("no place in a file"));
    const file = el("span", { class: "place-file" }, highlighted(lastSegment(location.path), terms));
    return el("span", { class: "place", title: placeOf(location) }, file, `:${location.startLine}`);
  }

  function highlighted(text, terms) {
    if (terms.length === 0) return [text];
    const pattern = new RegExp(`(${terms.map(escapedPattern).join("|")})`, "gi");
    return text.split(pattern).map((part, index) => (index % 2 ? el("mark", { class: "hit" }, part) : part));
  }

  function escapedPattern(term) {
    return term.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  }

  function openClickedRow(event) {
    const row = event.target.closest("tr[data-finding]");
    const selecting = String(getSelection()) !== "";
    if (!row || selecting || event.target.closest("a, button")) return;
    location.hash = hashFor("finding", row.dataset.finding);
  }

  // -------------------------------------------------------------------- pages

  function pageHeading(eyebrow, title, ...rest) {
    return el("header", { class: "page-head" }, eyebrow && el("p", { class: "eyebrow" }, eyebrow), el("h1", { tabindex: "-1" }, title), ...rest);
  }

  function section(title, ...content) {
    return el("section", { class: "block" }, el("h2", {}, title), ...content);
  }

  function crumbs(...links) {
    const items = links.map(([text, hash]) => el("li", {}, el("a", { href: hash }, text)));
    return el("nav", { class: "crumbs", "aria-label": "Where you are" }, el("ol", {}, items));
  }

  function overviewPage() {
    return {
      title: "Overview",
      nav: "overview",
      nodes: [
        overviewHero(),
        hasScores() && section("Recommendations", recommendationCards(report.recommendations)),
        report.framework && section(report.framework.title, frameworkTable(report.framework)),
        el("div", { class: "columns" }, fixFirst(), missingEvidence()),
        report.subscriptions.length > 1 && section("Subscriptions", subscriptionMatrix(FEW)),
        report.clusters.size > 0 && section("Clusters", clusterMatrix(FEW)),
        sinceBaseline(),
        weakerThanDefault(),
        inputSummary(),
      ],
    };
  }

  const BECAME = { fixed: "Fixed", changed: "Fails otherwise", unknown: "No longer known", absent: "Not in this input" };

  function sinceBaseline() {
    const { baseline } = report;
    if (!baseline) return null;
    const words = `${number(baseline.new)} new, ${number(baseline.known)} known, ${number(baseline.gone.length)} gone, beside ${baseline.path}`;
    const rows = baseline.gone.map((gone) =>
      el("tr", {}, el("td", {}, BECAME[gone.became] ?? gone.became), el("td", {}, el("code", {}, gone.control)), el("td", {}, breakable(gone.subject)), el("td", {}, gone.message)),
    );
    return section("Since the baseline", el("p", {}, words), rows.length > 0 && plainTable("Gone since the baseline", ["Became", "Control", "Subject", "Finding"], rows));
  }

  function weakerThanDefault() {
    const weaker = [...report.controls.values()].flatMap((control) =>
      (control.parameters ?? []).filter((parameter) => parameter.isWeaker).map((parameter) => [control, parameter]),
    );
    if (weaker.length === 0) return null;
    const rows = weaker.map(([control, parameter]) =>
      el("tr", {}, el("td", {}, el("a", { href: hashFor("control", control.code) }, el("code", {}, control.code), " ", control.name)), el("td", {}, parameter.meaning), el("td", {}, parameter.value), el("td", {}, parameter.default)),
    );
    return section("Weaker than by default", plainTable("Parameters that let more pass", ["Control", "Parameter", "Value", "Default"], rows));
  }

  function plainTable(label, heads, rows) {
    const head = el("tr", {}, heads.map((text) => el("th", { scope: "col" }, text)));
    return scroller("div", label, el("table", { class: "plain-table" }, el("thead", {}, head), el("tbody", {}, rows)));
  }

  function overviewHero() {
    const { input, tool } = report;
    const facts = [
      ...(report.clusters.size > 0 ? [counted(report.clusters.size, "cluster")] : []),
      counted(input.resources, "Azure resource"),
      counted(input.objects, "Kubernetes object"),
      counted(input.files, "file"),
      `${tool.name} ${tool.version}`,
    ];
    const shown = report.findings.length;
    const cut = report.totalFindings > shown ? `the worst ${number(shown)} of ${number(report.totalFindings)} answers are in this file` : null;
    if (cut) facts.push(cut);
    return el(
      "header",
      { class: "hero" },
      el("div", { class: "hero-score" }, hasScores() && scoreRing(report.score, "large"), overallVerdict()),
      el("ul", { class: "tiles" }, RESULTS.filter(worthATile).map(resultTile)),
      el("p", { class: "facts" }, facts.map((fact) => el("span", {}, fact))),
    );
  }

  // Lints and policies say nothing about how the recommendations are fulfilled.
  function hasScores() {
    return report.recommendations.length > 0;
  }

  function overallVerdict() {
    const assessed = scoreBand(report.score) !== "none";
    const words = assessed ? `Overall score ${report.score} of 100` : "Overall score: not assessed";
    return el("div", {}, el("h1", { tabindex: "-1" }, "AKS network security"), hasScores() && el("p", { class: "lead" }, words));
  }

  // Where nothing is waived nothing needs to be said about it.
  function worthATile(result) {
    return result !== "waived" || answersOf(result) > 0;
  }

  // All answers of a kind, also those that aren't in this file.
  function answersOf(result) {
    if (!report.totalFindings) return report.rows.filter((row) => row.finding.result === result).length;
    const [, field] = COUNTS.find(([kind]) => kind === result);
    return [...report.controls.values()].reduce((sum, control) => sum + (control[field] ?? 0), 0);
  }

  function resultTile(result) {
    const rows = report.rows.filter((row) => row.finding.result === result);
    const total = answersOf(result);
    const isWhole = rows.length === total;
    const severities = isWhole && OPEN_RESULTS.includes(result) ? severityTally(rows, result) : null;
    const left = !isWhole && el("span", { class: "muted" }, `${number(rows.length)} in this file`);
    const tile = el("a", { class: "tile-link", href: hashFor("findings", undefined, { result }) }, resultBadge(result), el("b", {}, number(total)), left);
    return el("li", { class: `tile tile-${result}` }, tile, severities);
  }

  function severityTally(rows, result) {
    const counts = countBy(rows, (row) => row.finding.severity);
    const present = SEVERITIES.filter((severity) => counts.has(severity));
    const links = present.map((severity) =>
      el("li", {}, el("a", { href: hashFor("findings", undefined, { result, severity }), class: `severity-text-${severity}` }, icon(severity), `${number(counts.get(severity))} ${severity}`)),
    );
    return el("ul", { class: "tile-severities" }, links);
  }

  function recommendationCards(recommendations, clusterId) {
    const cards = recommendations.map((recommendation) => recommendationCard(recommendation, clusterId));
    return el("ul", { class: "cards" }, cards);
  }

  function recommendationCard(recommendation, clusterId) {
    const { number: place, prefix, title, score } = recommendation;
    const query = clusterId ? { cluster: clusterId } : {};
    return el(
      "li",
      { class: "card", "data-recommendation": String(place) },
      el(
        "div",
        { class: "card-top" },
        el("div", {}, el("p", { class: "eyebrow" }, `${place} · ${prefix}`), el("h3", {}, el("a", { href: hashFor("recommendation", place, query) }, title))),
        scoreRing(score, "small"),
      ),
      resultStack(recommendation),
      countList(recommendation),
      el("p", { class: "card-worst" }, worstMark(recommendation)),
    );
  }

  function resultStack(counts) {
    const parts = COUNTS.filter(([, field]) => counts[field] > 0).map(([result, field]) =>
      el("span", { class: `stack-${result}`, style: { "flex-grow": String(counts[field]) } }),
    );
    return el("div", { class: "stack", "aria-hidden": "true" }, parts);
  }

  function fixFirst() {
    const failing = report.rows.filter((row) => row.finding.result === "fail");
    const byControl = [...groupBy(failing, (row) => row.control.code).values()];
    byControl.sort((a, b) => a[0].severityRank - b[0].severityRank || b.length - a.length);
    const items = byControl.slice(0, 6).map((rows) => fixFirstItem(rows));
    const list = items.length ? el("ol", { class: "ranked" }, items) : el("p", { class: "muted" }, "Nothing fails.");
    return section("Fix first", list);
  }

  function fixFirstItem(rows) {
    const { control, finding } = rows[0];
    return el(
      "li",
      {},
      severityBadge(finding.severity),
      el("a", { href: hashFor("control", control.code) }, el("code", {}, control.code), " ", control.title || control.name),
      el("span", { class: "muted" }, `${number(rows.length)} failing`),
    );
  }

  function missingEvidence() {
    const supplies = supplyCounts(report.rows);
    if (supplies.length === 0) return section("Missing evidence", el("p", { class: "muted" }, "Nothing was unknown for want of evidence."));
    const items = supplies.map(([supply, count]) =>
      el("li", {}, codeBlock(supply, "what to supply"), el("span", { class: "muted" }, `asked for by ${counted(count, "unknown finding")}`)),
    );
    return section("Missing evidence", chunkedList("ul", "supplies", items, 4));
  }

  function supplyCounts(rows) {
    const asked = rows.filter((row) => row.finding.result === "unknown").flatMap((row) => [...new Set(row.finding.supply ?? [])]);
    return [...countBy(asked, (supply) => supply)].sort((a, b) => b[1] - a[1]);
  }

  // A long list shows its beginning and grows on request, so that the page stays bounded.
  function chunkedList(tag, className, items, first) {
    const list = el(tag, { class: className }, items.slice(0, first));
    if (items.length <= first) return list;
    const more = el("button", { type: "button", class: "button more" });
    const label = () => {
      more.textContent = `Show ${number(Math.min(CHUNK, items.length - list.children.length))} more`;
      more.hidden = list.children.length >= items.length;
    };
    more.addEventListener("click", () => {
      const shown = list.children.length;
      list.append(...items.slice(shown, shown + CHUNK));
      label();
    });
    label();
    return [list, more];
  }

  function frameworkTable(framework) {
    const items = framework.items.filter(({ result }) => result !== "out-of-scope");
    const left = framework.items.length - items.length;
    const heads = ["Item", "Result", "What it asks", "Controls"].map((text) => el("th", { scope: "col" }, text));
    const table = el(
      "table",
      { class: "plain-table" },
      el("caption", { class: "unseen" }, `Answers by item of ${framework.title}`),
      el("thead", {}, el("tr", {}, heads)),
      el("tbody", {}, items.map(frameworkRow)),
    );
    return [scroller("div", framework.title, table), left > 0 && el("p", { class: "muted" }, `${counted(left, "item")} not about the network left out.`)];
  }

  function frameworkRow(item) {
    const codes = item.controls.map((code) => (report.controls.has(code) ? el("a", { href: hashFor("control", code) }, code) : code));
    return el(
      "tr",
      {},
      el("th", { scope: "row" }, el("code", {}, breakable(item.id))),
      el("td", {}, resultBadge(item.result)),
      el("td", {}, item.title, item.note && el("span", { class: "subject-type" }, item.note)),
      el("td", {}, codes.flatMap((code, at) => (at ? [", ", code] : [code]))),
    );
  }

  function clusterMatrix(first = CHUNK) {
    if (report.clusters.size === 0) return el("p", { class: "muted" }, "The input names no cluster.");
    return scoreMatrix("Cluster", [...report.clusters.values()], clusterMatrixHead, first);
  }

  function subscriptionMatrix(first = CHUNK) {
    return scoreMatrix("Subscription", report.subscriptions, subscriptionMatrixHead, first);
  }

  // The worst come first; the rest unfolds on request.
  function scoreMatrix(what, items, head, first) {
    const heads = el(
      "tr",
      {},
      el("th", { scope: "col" }, what),
      el("th", { scope: "col" }, "Score"),
      el("th", { scope: "col", class: "narrow" }, "Fail"),
      el("th", { scope: "col", class: "narrow" }, "Unknown"),
      report.recommendations.map(({ number: place, prefix, title }) =>
        el("th", { scope: "col", class: "narrow" }, el("a", { href: hashFor("recommendation", place), title }, prefix)),
      ),
    );
    const body = el("tbody");
    const caption = `Score of each ${what.toLowerCase()} by recommendation, the worst first`;
    const table = el("table", { class: "plain-table matrix" }, el("caption", { class: "unseen" }, caption), el("thead", {}, heads), body);
    return [scroller("div", `Scores by ${what.toLowerCase()}`, table), grow(body, items, (item) => matrixRow(item, head(item)), first)];
  }

  function grow(body, items, draw, first) {
    const more = el("button", { type: "button", class: "button more" });
    const extend = (count) => {
      const shown = body.children.length;
      body.append(...items.slice(shown, shown + count).map(draw));
      const left = items.length - body.children.length;
      more.hidden = left === 0;
      more.textContent = left > CHUNK ? `Show ${number(CHUNK)} of ${number(left)} more` : `Show ${number(left)} more`;
    };
    more.addEventListener("click", () => extend(CHUNK));
    extend(first);
    return more;
  }

  function clusterMatrixHead(cluster) {
    const name = el("a", { href: hashFor("cluster", cluster.id) }, clusterName(cluster.id));
    return [name, [cluster.location, cluster.subscription].filter(Boolean).join(" · ")];
  }

  function subscriptionMatrixHead(subscription) {
    return [el("code", { class: "strong whole" }, subscription.id), counted(subscription.clusters, "cluster")];
  }

  function matrixRow({ score, fail, unknown, recommendations }, [name, detail]) {
    return el(
      "tr",
      {},
      el("th", { scope: "row" }, name, el("span", { class: "subject-type" }, detail)),
      el("td", {}, el("span", { class: "score-cell" }, el("b", {}, score ?? "–"), scoreBar(score), score === null && unseen("not assessed"))),
      el("td", { class: "narrow" }, number(fail)),
      el("td", { class: "narrow" }, number(unknown)),
      recommendations.map((one) => matrixCell(one.score, one.title, one.worst)),
    );
  }

  function matrixCell(score, title, worst) {
    const words = `${title}: ${scoreText(score)}${worst ? `, worst ${worst}` : ""}`;
    const value = el("span", { class: `heat band-${scoreBand(score)}`, title: words }, score ?? "–", score === null && unseen("not assessed"));
    return el("td", { class: "narrow" }, value);
  }

  function inputSummary() {
    const { input } = report;
    const facts = [
      ["Files read", number(input.files)],
      ["Size", byteSize(input.bytes)],
      ["Azure resources", number(input.resources)],
      ["Kubernetes objects", number(input.objects)],
    ];
    return section("Input", factList(facts, "facts-grid"), notUnderstood(input.notUnderstood ?? []), diagnostics(input.diagnostics ?? []));
  }

  function factList(facts, className) {
    return el("dl", { class: className }, facts.map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value))));
  }

  function byteSize(bytes) {
    const units = ["bytes", "kB", "MB", "GB", "TB"];
    let value = bytes ?? 0;
    let unit = 0;
    while (value >= 1000 && unit < units.length - 1) {
      value /= 1000;
      unit += 1;
    }
    return `${unit ? value.toFixed(1) : number(value)} ${units[unit]}`;
  }

  function notUnderstood(files) {
    const items = files.map(({ path, reason }) => el("li", {}, el("code", { class: "path" }, breakable(path)), el("span", { class: "muted" }, reason)));
    const content = items.length ? chunkedList("ul", "input-list", items, 8) : el("p", { class: "muted" }, "Every file was understood.");
    return [el("h3", {}, "Not understood", tallyMark(files.length)), content];
  }

  function diagnostics(entries) {
    const items = entries.map((entry) =>
      el(
        "li",
        { class: `diagnostic diagnostic-${entry.severity}` },
        el("span", { class: "diagnostic-severity" }, icon(entry.severity), entry.severity),
        el("code", { class: "path" }, breakable(diagnosticPlace(entry))),
        el("span", {}, entry.message, entry.help && el("span", { class: "muted diagnostic-help" }, entry.help)),
      ),
    );
    const content = items.length ? chunkedList("ul", "input-list", items, 8) : el("p", { class: "muted" }, "Reading gave no diagnostic.");
    return [el("h3", {}, "Diagnostics", tallyMark(entries.length)), content];
  }

  function diagnosticPlace({ path, line, column }) {
    return [path, line, column].filter((part) => part !== undefined && part !== null).join(":");
  }

  function tallyMark(count) {
    return el("span", { class: "tally-mark" }, number(count));
  }

  function findingsPage(route) {
    const panel = new FindingsPanel({ rows: report.rows, route });
    return { title: "Findings", nav: "findings", panel, nodes: [pageHeading(null, "Findings"), panel.element] };
  }

  function clustersPage() {
    const subscriptions = report.subscriptions.length > 1 && section("Subscriptions", subscriptionMatrix(FEW));
    return { title: "Clusters", nav: "clusters", nodes: [pageHeading(null, "Clusters"), subscriptions, section("Clusters, the worst first", clusterMatrix())] };
  }

  function controlsPage() {
    if (!hasScores()) return { title: "Controls", nav: "controls", nodes: [pageHeading(null, "Controls"), controlTable([...report.controls.values()])] };
    const byRecommendation = groupBy(report.controls.values(), (control) => control.recommendation);
    const sections = report.recommendations.map((recommendation) => {
      const controls = byRecommendation.get(recommendation.number) ?? [];
      const title = el("a", { href: hashFor("recommendation", recommendation.number) }, `${recommendation.number}. ${recommendation.title}`);
      return section(title, controlTable(controls));
    });
    const ofProject = byRecommendation.get(0);
    if (ofProject) sections.push(section("Waivers of the project", controlTable(ofProject)));
    return { title: "Controls", nav: "controls", nodes: [pageHeading(null, "Controls"), sections] };
  }

  function controlTable(controls) {
    if (controls.length === 0) return el("p", { class: "muted" }, "No control belongs to this recommendation.");
    const heads = ["Control", "Severity"].map((text) => el("th", { scope: "col" }, text));
    const countHeads = ["Fail", "Unknown", "Pass", el("abbr", { title: "Not applicable" }, "N.a."), "Waived"].map((text) => el("th", { scope: "col", class: "narrow" }, text));
    const rows = [...controls].sort((a, b) => collator.compare(a.code, b.code)).map(controlTableRow);
    const table = el("table", { class: "plain-table control-table" }, el("thead", {}, el("tr", {}, heads, countHeads)), el("tbody", {}, rows));
    return scroller("div", "Controls", table);
  }

  function controlTableRow(control) {
    const name = el("a", { href: hashFor("control", control.code) }, el("code", {}, control.code), " ", control.title || control.name);
    const counts = COUNTS.map(([result, field]) =>
      el("td", { class: "narrow" }, el("span", { class: `result-${result}`, "data-zero": !control[field] }, number(control[field]))),
    );
    return el("tr", {}, el("th", { scope: "row" }, name, el("span", { class: "subject-type" }, control.name)), el("td", {}, severityBadge(control.severity)), counts);
  }

  function recommendationPage(route) {
    const recommendation = report.recommendations.find(({ number: place }) => String(place) === route.value);
    if (!recommendation) return missingPage(`recommendation ${route.value}`);
    const rows = report.rows.filter((row) => row.control.recommendation === recommendation.number);
    const controls = [...report.controls.values()].filter((control) => control.recommendation === recommendation.number);
    const panel = new FindingsPanel({ rows, route, fixed: ["recommendation"] });
    return {
      title: recommendation.title,
      nav: "overview",
      panel,
      nodes: [
        crumbs(["Overview", "#/"]),
        scoredHeading(`Recommendation ${recommendation.number} · ${recommendation.prefix}`, recommendation.title, recommendation.score, countList(recommendation)),
        section("Controls", controlTable(controls)),
        clusterScores(recommendation.number),
        section("Findings", panel.element),
      ],
    };
  }

  function scoredHeading(eyebrow, title, score, ...rest) {
    const words = el("p", { class: "lead" }, capitalised(scoreText(score)));
    return el("div", { class: "scored-head" }, scoreRing(score, "medium"), pageHeading(eyebrow, title, words, ...rest));
  }

  function clusterScores(place) {
    if (report.clusters.size < 2) return null;
    const scoreOf = (cluster) => cluster.recommendations.find((recommendation) => recommendation.number === place)?.score ?? null;
    const clusters = [...report.clusters.values()].sort((a, b) => (scoreOf(a) ?? Infinity) - (scoreOf(b) ?? Infinity));
    const items = clusters.map((cluster) => {
      const score = scoreOf(cluster);
      return el("li", {}, el("a", { href: hashFor("cluster", cluster.id) }, clusterName(cluster.id)), scoreBar(score), el("span", {}, score === null ? "not assessed" : String(score)));
    });
    return section("By cluster", chunkedList("ul", "cluster-scores", items, 12));
  }

  function clusterPage(route) {
    const cluster = report.clusters.get(route.value);
    if (!cluster) return missingPage(`cluster ${route.value}`);
    const rows = report.rows.filter((row) => row.finding.clusters.includes(cluster.id));
    const panel = new FindingsPanel({ rows, route, fixed: ["cluster"] });
    return {
      title: clusterName(cluster.id),
      nav: "clusters",
      panel,
      nodes: [
        crumbs(["Clusters", "#/clusters"]),
        scoredHeading("Cluster", clusterName(cluster.id), cluster.score, clusterFacts(cluster)),
        section("Recommendations", recommendationCards(cluster.recommendations, cluster.id)),
        section("Findings", sharedNote(rows), panel.element),
      ],
    };
  }

  function clusterFacts(cluster) {
    const facts = [["Location", cluster.location || "not known"], ["Subscription", el("code", {}, cluster.subscription || "not known")], ["Id", el("code", { class: "path" }, breakable(cluster.id))]];
    return factList(facts, "inline-facts");
  }

  function sharedNote(rows) {
    const open = rows.filter((row) => OPEN_RESULTS.includes(row.finding.result));
    const shared = open.filter((row) => row.finding.clusters.length > 1).length;
    if (shared === 0) return null;
    return el("p", { class: "muted" }, icon("shared"), ` ${number(shared)} of ${counted(open.length, "failing or unknown finding")} ${shared === 1 ? "is" : "are"} shared with other clusters: one change mends it for all of them.`);
  }

  function controlPage(route) {
    const control = report.controls.get(route.value);
    if (!control) return missingPage(`control ${route.value}`);
    const rows = report.rows.filter((row) => row.control === control);
    const panel = new FindingsPanel({ rows, route, fixed: ["control", "recommendation"] });
    const sections = pageSections(control.page).map((part) => (part.title ? section(part.title, prose(part.text)) : prose(part.text)));
    return {
      title: `${control.code} ${control.name}`,
      nav: "controls",
      panel,
      nodes: [
        crumbs(["Controls", "#/controls"], ...(hasScores() ? [[recommendationTitle(control), recommendationHash(control)]] : [])),
        pageHeading(`${control.code} · ${control.name}`, control.title || control.name, controlBadges(control)),
        el("div", { class: "detail" }, el("div", { class: "detail-main" }, sections), controlAside(control)),
        section("Findings", panel.element),
      ],
    };
  }

  function prose(text) {
    return el("div", { class: "prose" }, markdown(text));
  }

  function recommendationTitle(control) {
    const recommendation = report.recommendations.find(({ number: place }) => place === control.recommendation);
    return recommendation ? `${recommendation.number}. ${recommendation.title}` : hasScores() ? "Waivers of the project" : "Controls";
  }

  // What is about the project's own waivers belongs to no recommendation and has no page of one.
  function recommendationHash(control) {
    const known = report.recommendations.some(({ number: place }) => place === control.recommendation);
    return known ? hashFor("recommendation", control.recommendation) : hashFor("controls");
  }

  function controlBadges(control) {
    return el("p", { class: "badges" }, severityBadge(control.severity), el("span", { class: "badge plain" }, `${control.confidence} confidence`), countList(control));
  }

  function controlAside(control) {
    return el("aside", { class: "detail-side", "aria-label": "About the control" }, el("h2", {}, "In other frameworks"), equivalents(control));
  }

  function equivalents(control) {
    if (!control.equivalents?.length) return el("p", { class: "muted" }, "No equivalent is known.");
    const byFramework = groupBy(control.equivalents, ({ framework }) => framework);
    const entries = [...byFramework].map(([framework, ids]) => [FRAMEWORKS[framework] ?? framework, ids.map(({ id }) => el("code", { class: "path" }, breakable(id)))]);
    return factList(entries, "side-facts");
  }

  function missingPage(what) {
    return { title: "Not found", nodes: [pageHeading(null, "Not in this report"), el("p", {}, `This report has no ${what}.`), el("p", {}, el("a", { href: "#/" }, "Back to the overview"))] };
  }

  // ------------------------------------------------------------ one finding

  function findingPage(route) {
    const row = report.byKey.get(route.value);
    if (!row) return missingPage(`finding ${route.value}`);
    const { finding, control } = row;
    const sections = pageSections(control.page);
    return {
      title: finding.message,
      nav: "findings",
      finding: row,
      nodes: [
        findingBar(row),
        findingHeading(row),
        el(
          "div",
          { class: "detail" },
          el("div", { class: "detail-main" }, waiverSection(finding), supplySection(finding), evidenceSection(finding), remedySection(finding, sections), reasonSection(sections), restSection(control, sections)),
          findingAside(row),
        ),
      ],
    };
  }

  function findingBar(row) {
    const rows = origin?.rows.includes(row) ? origin.rows : [row];
    const at = rows.indexOf(row);
    const back = el("a", { class: "button", href: origin?.hash ?? "#/findings", id: "back", on: { click: leaveFinding } }, icon("left"), "Back", el("kbd", { "aria-hidden": "true" }, "Esc"));
    return el(
      "div",
      { class: "finding-bar" },
      back,
      rows.length > 1 && el("span", { class: "muted", id: "position" }, `${number(at + 1)} of ${number(rows.length)}`),
      stepButton("previous", "left", rows[at - 1], rows.length),
      stepButton("next", "right", rows[at + 1], rows.length),
    );
  }

  function stepButton(name, arrow, row, count) {
    if (count < 2) return null;
    const attributes = { type: "button", class: "button step", id: name, "aria-label": `The ${name} finding`, disabled: !row, "data-step": row?.key };
    return el("button", { ...attributes, on: { click: () => stepTo(row.key) } }, icon(arrow));
  }

  function findingHeading({ finding, control }) {
    const badges = el("p", { class: "badges" }, resultBadge(finding.result), severityBadge(finding.severity), finding.clusters.length > 1 && clusterMark(finding));
    const eyebrow = [el("a", { href: hashFor("control", control.code) }, control.code), control.name && ` · ${control.name}`];
    return pageHeading(eyebrow, finding.message, badges);
  }

  function supplySection(finding) {
    if (finding.result !== "unknown") return null;
    const supply = finding.supply ?? [];
    const list = supply.length ? supply.map((text) => codeBlock(text, "what to supply")) : el("p", { class: "muted" }, "The report doesn't say what would settle it.");
    return section("What to supply", el("p", {}, "The input doesn't decide this. Add what follows to the input and audit again."), list);
  }

  const SUPPRESSIONS = {
    "in-source": "a comment in the file",
    annotation: "an annotation of the object",
    configuration: "a waiver in the configuration",
    exemption: "an exemption of Azure Policy",
    baseline: "the baseline",
  };

  function waiverSection(finding) {
    const { suppression } = finding;
    if (!suppression) return null;
    const facts = [
      ["By", SUPPRESSIONS[suppression.kind] ?? suppression.kind],
      ["Owner", suppression.owner],
      ["Until", suppression.expires],
      ["Written at", suppression.location && el("code", { class: "path" }, breakable(placeOf(suppression.location)))],
    ];
    const list = facts.filter(([, value]) => value);
    return section("Waived", el("p", {}, suppression.reason), factList(list, "facts-grid"));
  }

  function evidenceSection(finding) {
    const related = finding.related ?? [];
    const first = finding.location ? sourceBlock(finding.location, "Source") : el("p", { class: "muted" }, "The finding points at no line of the input.");
    const list = related.map((location) => sourceBlock(location, "Related source"));
    return section("Evidence", first, related.length > 0 && el("h3", {}, related.length > 1 ? "Related places" : "Related place"), list);
  }

  function remedySection(finding, sections) {
    const page = sectionNamed(sections, "how to fix");
    if (finding.result === "pass" || finding.result === "not-applicable" || finding.result === "waived" || (!finding.help && !page)) return null;
    const title = finding.result === "unknown" ? "How to fix, should it fail" : "How to fix";
    return section(title, finding.help && codeBlock(finding.help, "the remedy"), page && prose(page.text));
  }

  function reasonSection(sections) {
    const reason = sectionNamed(sections, "why it matters");
    return reason ? section("Why it matters", prose(reason.text)) : null;
  }

  function restSection(control, sections) {
    const rest = sections.filter(({ title }) => !["how to fix", "why it matters"].includes(title.toLowerCase()));
    if (rest.length === 0) return null;
    const parts = rest.map(({ title, text }) => [title && el("h3", {}, title), prose(text)]);
    return el("section", { class: "block" }, el("h2", {}, "The control"), control.title && el("p", {}, control.title), el("details", { class: "rest" }, el("summary", {}, "What it checks, exceptions and references"), parts));
  }

  function findingAside({ finding, control }) {
    const { subject } = finding;
    const facts = [
      ["Subject", [el("span", { class: "strong" }, subject.name), el("span", { class: "subject-type" }, breakable(subject.type))]],
      ["Id", [el("code", { class: "path" }, breakable(subject.id)), copyButton(subject.id, "the id")]],
      ["Clusters", clusterLinks(finding)],
      ["Recommendation", el("a", { href: recommendationHash(control) }, recommendationTitle(control))],
      ["Control", el("a", { href: hashFor("control", control.code) }, el("code", {}, control.code), " ", control.name)],
      ["Confidence", capitalised(finding.confidence ?? "not stated")],
      ["Fingerprint", [el("code", {}, finding.fingerprint), copyButton(finding.fingerprint, "the fingerprint")]],
    ];
    return el("aside", { class: "detail-side", "aria-label": "About the finding" }, el("h2", {}, "About"), factList(facts, "side-facts"), el("h2", {}, "In other frameworks"), equivalents(control));
  }

  function clusterLinks(finding) {
    if (finding.clusters.length === 0) return el("span", { class: "muted" }, "none known");
    const items = finding.clusters.map((id) => el("li", {}, report.clusters.has(id) ? el("a", { href: hashFor("cluster", id) }, clusterName(id)) : clusterName(id)));
    return chunkedList("ul", "bare", items, 10);
  }

  // --------------------------------------------------------------- navigation

  const PAGES = {
    overview: overviewPage,
    findings: findingsPage,
    clusters: clustersPage,
    controls: controlsPage,
    recommendation: recommendationPage,
    cluster: clusterPage,
    control: controlPage,
    finding: findingPage,
  };

  function show() {
    const route = parseHash(location.hash);
    const draw = Object.hasOwn(PAGES, route.page) ? PAGES[route.page] : () => missingPage(`page ${route.page}`);
    rememberOrigin(route);
    const returning = current?.finding && origin?.hash === location.hash;
    const arriving = current !== undefined;
    current = draw(route);
    main.replaceChildren(...present([current.nodes]));
    document.title = `${current.title} · Palisade`;
    markNavigation(current.nav);
    settleFocus(returning, arriving);
  }

  // Leaving a list for one of its findings: what it takes to come back to the same place.
  function rememberOrigin(route) {
    if (route.page !== "finding" || !current?.panel) return;
    origin = { ...current.panel.snapshot(route.value), hash: shownHash };
    try {
      history.replaceState({ fromList: true }, "");
    } catch {
      // Without it, leaving the finding goes to the list by its address.
    }
  }

  function settleFocus(returning, arriving) {
    shownHash = location.hash;
    if (returning && current.panel) {
      current.panel.restore(origin);
      return;
    }
    window.scrollTo(0, 0);
    if (arriving) main.querySelector("h1")?.focus({ preventScroll: true });
    if (wantsSearch) focusSearch();
  }

  function markNavigation(page) {
    for (const item of document.querySelectorAll("#nav a")) {
      if (item.dataset.page === page) item.setAttribute("aria-current", "page");
      else item.removeAttribute("aria-current");
    }
  }

  function leaveFinding(event) {
    event?.preventDefault();
    if (history.state?.fromList) history.back();
    else location.hash = origin?.hash ?? "#/findings";
  }

  // Going from finding to finding replaces the address, so that Back leads to the list.
  function stepTo(key) {
    const focused = document.activeElement?.id;
    if (origin) origin.key = key;
    replaceHash(hashFor("finding", key));
    if (location.hash !== hashFor("finding", key)) location.hash = hashFor("finding", key);
    else show();
    const button = focused === "previous" || focused === "next" ? document.getElementById(focused) : null;
    if (button && !button.disabled) button.focus({ preventScroll: true });
  }

  function focusSearch() {
    wantsSearch = false;
    if (current.panel) {
      current.panel.search.focus();
      current.panel.search.select();
    } else {
      wantsSearch = true;
      location.hash = "#/findings";
    }
  }

  function pressed(event) {
    if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey) return;
    if (document.querySelector("dialog[open]") || event.target.closest("input, select, textarea")) return;
    const action = keyAction(event);
    if (!action) return;
    event.preventDefault();
    action();
  }

  function keyAction(event) {
    if (event.key === "/") return focusSearch;
    if (event.key === "?") return () => document.getElementById("shortcut-list").showModal();
    if (!current.finding) return null;
    if (event.key === "Escape") return () => leaveFinding();
    if (event.target.closest(".scroll")) return null;
    const step = { ArrowLeft: "previous", ArrowRight: "next" }[event.key];
    const key = step && document.getElementById(step)?.dataset.step;
    return key ? () => stepTo(key) : null;
  }

  // -------------------------------------------------------------------- theme

  const darkPreference = matchMedia("(prefers-color-scheme: dark)");

  function chosenTheme() {
    try {
      return localStorage.getItem("palisade-theme");
    } catch {
      return null;
    }
  }

  function keepTheme(theme) {
    try {
      localStorage.setItem("palisade-theme", theme);
    } catch {
      // A browser may refuse storage to a file; the choice then lasts as long as the page.
    }
  }

  function theme() {
    return document.documentElement.dataset.theme ?? (darkPreference.matches ? "dark" : "light");
  }

  function drawTheme() {
    const other = theme() === "dark" ? "light" : "dark";
    const button = document.getElementById("theme");
    button.setAttribute("aria-label", `Switch to the ${other} theme`);
    button.replaceChildren(icon(other));
  }

  function switchTheme() {
    document.documentElement.dataset.theme = theme() === "dark" ? "light" : "dark";
    keepTheme(document.documentElement.dataset.theme);
    drawTheme();
  }

  function startTheme() {
    const chosen = chosenTheme();
    if (chosen === "dark" || chosen === "light") document.documentElement.dataset.theme = chosen;
    darkPreference.addEventListener("change", drawTheme);
    document.getElementById("theme").addEventListener("click", switchTheme);
    drawTheme();
  }

  // -------------------------------------------------------------------- start

  // Paper can't unfold anything.
  function unfoldForPrint() {
    const folded = [...document.querySelectorAll("details:not([open])")];
    for (const details of folded) details.open = true;
    addEventListener("afterprint", () => folded.forEach((details) => (details.open = false)), { once: true });
  }

  // The skip link can't be a plain anchor: the hash belongs to the routes.
  function skipToMain(event) {
    event.preventDefault();
    main.focus();
    main.scrollIntoView();
  }

  function startShortcuts() {
    const dialog = document.getElementById("shortcut-list");
    document.getElementById("shortcuts").addEventListener("click", () => dialog.showModal());
    document.getElementById("shortcut-close").addEventListener("click", () => dialog.close());
    document.getElementById("skip").addEventListener("click", skipToMain);
  }

  function startFooter() {
    const { tool } = report;
    document.getElementById("footer").append(`${capitalised(tool.name)} ${tool.version} · this file is complete in itself and loads nothing from the network`);
  }

  function showProblem(problem) {
    main.replaceChildren(el("h1", {}, "The report can't be shown"), el("p", {}, problem.message));
  }

  let report;
  let clusterNameCounts;
  let current;
  let origin;
  let shownHash = "";
  let wantsSearch = false;

  function start() {
    startTheme();
    startShortcuts();
    try {
      report = indexReport(readReport());
    } catch (problem) {
      showProblem(problem);
      return;
    }
    startFooter();
    history.scrollRestoration = "manual";
    document.addEventListener("keydown", pressed);
    addEventListener("hashchange", show);
    addEventListener("beforeprint", unfoldForPrint);
    show();
  }

  start();
})();
