// The Azure Pipelines task: `palisade audit` with the task's inputs. Issues go to the log, the report
// to the run's summary, test results and SARIF to their tabs. It has no dependencies: the agent hands
// inputs over as variables of the environment and takes commands from the log (learn.microsoft.com,
// "Logging commands").
"use strict";

const { spawnSync } = require("node:child_process");
const { existsSync } = require("node:fs");
const path = require("node:path");

const input = (name) => process.env[`INPUT_${name.toUpperCase()}`] ?? "";
const lines = (name) => input(name).split(/\r?\n/).filter(Boolean);
const isOn = (name) => input(name).toLowerCase() === "true";
const escape = (text) => text.replaceAll("%", "%AZP25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
const property = (text) => escape(text).replaceAll(";", "%3B").replaceAll("]", "%5D");
const command = (name, properties, data = "") => {
  const list = Object.entries(properties).map(([key, value]) => `${key}=${property(value)};`);
  console.log(`##vso[${name}${list.length ? ` ${list.join("")}` : ""}]${escape(data)}`);
};

// `path=/…` links to the commit that is being built, where the repository is in Azure Repos.
function linkBase() {
  const { BUILD_REPOSITORY_PROVIDER: provider, BUILD_REPOSITORY_URI: uri, BUILD_SOURCEVERSION: commit } = process.env;
  if (provider === "TfsGit") {
    return `${uri}?path=/{path}&version=GC${commit}&line={line}&lineEnd={endLine}&lineStartColumn=1&lineEndColumn=1`;
  }
  return provider === "GitHub" ? `${uri.replace(/\.git$/, "")}/blob/${commit}` : "";
}

function main() {
  const folder = process.env.AGENT_TEMPDIRECTORY ?? ".";
  const report = (ending) => path.join(folder, `palisade.${ending}`);
  const options = {
    config: input("config"),
    baseline: input("baseline"),
    framework: input("framework"),
    select: input("select"),
    ignore: input("ignore"),
    show: input("show"),
    "fail-on": input("failOn"),
    "link-base": linkBase(),
  };
  const args = ["audit", "--format=azure-pipelines"];
  args.push(...Object.entries(options).filter(([, value]) => value).map(([name, value]) => `--${name}=${value}`));
  args.push(...["complete", "strict"].filter(isOn).map((name) => `--${name}`));
  args.push(...["md", "xml", "sarif"].map((ending) => `--output=${report(ending)}`));
  args.push(...lines("arguments"), "--", ...lines("paths"));

  const run = spawnSync(input("tool") || "palisade", args, { stdio: "inherit" });
  if (run.error) {
    command("task.complete", { result: "Failed" }, `palisade can't be run: ${run.error.message}`);
    return;
  }
  if (existsSync(report("md"))) command("task.uploadsummary", {}, report("md"));
  if (isOn("publishTests") && existsSync(report("xml"))) {
    command("results.publish", { type: "JUnit", resultFiles: report("xml"), mergeResults: "false", runTitle: "Palisade" });
  }
  if (isOn("publishSarif") && existsSync(report("sarif"))) {
    command("artifact.upload", { containerfolder: "CodeAnalysisLogs", artifactname: "CodeAnalysisLogs" }, report("sarif"));
  }
  const meanings = { 1: "there are failures", 3: "there is nothing to audit, or evidence is missing" };
  if (run.status !== 0) {
    command("task.complete", { result: "Failed" }, meanings[run.status] ?? `palisade ended with ${run.status}`);
  }
}

main();
