// The SARIF that Palisade writes, judged by Microsoft's validator with the rules that GitHub adds.
// PALISADE_SARIF names the files, separated by colons.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const files = (process.env.PALISADE_SARIF ?? "").split(":").filter(Boolean);
const folder = mkdtempSync(join(tmpdir(), "sarif-"));
const multitool = fileURLToPath(new URL("node_modules/@microsoft/sarif-multitool/bin.js", import.meta.url));

// The validator exits with 0 whatever it finds; its findings are in the log that it writes.
function problems(file) {
  const log = join(folder, `${basename(file)}.validation.sarif`);
  execFileSync("node", [multitool, "validate", file, "--rule-kind", "'Sarif;Gh'", "--output", log, "--log", "ForceOverwrite"], {
    stdio: "ignore",
  });
  const [run] = JSON.parse(readFileSync(log, "utf8")).runs;
  return run.results.map(({ ruleId, level = "warning", message, locations }) => {
    const pointer = locations?.[0]?.logicalLocations?.[0]?.fullyQualifiedName ?? "";
    return { ruleId, level, text: `${ruleId} ${level} ${pointer} ${message?.text ?? message?.id ?? ""} ${(message?.arguments ?? []).join(" ")}` };
  });
}

test("files are given", () => assert.notEqual(files.length, 0, "PALISADE_SARIF names no file"));

for (const file of files) {
  test(`${basename(file)} has no error`, () => {
    const errors = problems(file).filter(({ level }) => level === "error");
    assert.deepEqual(errors.map(({ text }) => text), []);
  });
}

test("the validator would tell", () => {
  const broken = join(folder, "broken.sarif");
  writeFileSync(broken, JSON.stringify({ version: "2.1.0", runs: [{ tool: { driver: { name: "x", rules: [{ id: "A1" }] } }, results: [{ ruleId: "A1", message: {} }] }] }));
  assert.notEqual(problems(broken).filter(({ level }) => level === "error").length, 0);
});
