"""The integrations, exercised with stand-ins for what can't be here, and read by their own linters.

PALISADE names the program; the linters are on the PATH.
"""

import json
import os
import re
import shutil
import subprocess
import tarfile
import tempfile
import unittest
from pathlib import Path

from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parents[2]
PALISADE = Path(os.environ["PALISADE"]).resolve()
INTEGRATIONS = ROOT / "integrations"


def run(*words, code=0, **options):
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, **{"cwd": ROOT, **options})
    if code is not None and done.returncode != code:
        raise AssertionError(f"{words} ended with {done.returncode}\n{done.stdout}\n{done.stderr}")
    return done.stdout


def load(path):
    return YAML(typ="safe").load(path)


def blocks(path):
    """The YAML blocks of a page."""
    return re.findall(r"```yaml\n(.*?)```", path.read_text(), re.DOTALL)


class Folder(unittest.TestCase):
    """A folder with `palisade` on the PATH, and whatever stands in for other programs."""

    def setUp(self):
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.bin = self.folder / "bin"
        self.bin.mkdir()
        (self.bin / "palisade").symlink_to(PALISADE)
        shutil.copytree(ROOT / "examples/hardened", self.folder / "hardened")
        shutil.copytree(ROOT / "examples/weak", self.folder / "weak")

    def stand_in(self, name, script):
        path = self.bin / name
        path.write_text(f"#!/usr/bin/env bash\n{script}")
        path.chmod(0o755)

    def environment(self, **variables):
        path = f"{self.bin}:{os.environ['PATH']}"
        return {**os.environ, "PATH": path, "RUNNER_TEMP": str(self.folder / "temp"), **variables}


class GithubAction(Folder):
    INPUTS = dict(PATHS="weak", ARGUMENTS="", CONFIG="", BASELINE="", FRAMEWORK="", SELECT="", IGNORE="", SHOW="",
                  FAIL_ON="", COMPLETE="false",
                  STRICT="false", TODAY="2026-11-23", SARIF="palisade.sarif", SUMMARY="true", HEAD_SHA="",
                  GITHUB_SERVER_URL="https://github.com", GITHUB_REPOSITORY="o/r", GITHUB_SHA="abc")

    def audit(self, **inputs):
        (self.folder / "temp").mkdir(exist_ok=True)
        files = {name: str(self.folder / name) for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
        script = INTEGRATIONS / "github/audit.sh"
        log = run(script, cwd=self.folder, env=self.environment(**{**self.INPUTS, **files, **inputs}))
        outputs = dict(line.split("=", 1) for line in Path(files["GITHUB_OUTPUT"]).read_text().splitlines())
        return log, outputs

    def test_audit_leaves_reports_and_the_code(self):
        log, outputs = self.audit()
        self.assertTrue(log.startswith("::error title=FW007 critical,file=weak/azure/hub/"))
        self.assertEqual(outputs["exit-code"], "1")
        results = json.loads((self.folder / outputs["sarif"]).read_text())["runs"][0]["results"]
        self.assertGreater(len(results), 100)
        summary = (self.folder / "GITHUB_STEP_SUMMARY").read_text()
        self.assertEqual(summary, Path(outputs["markdown"]).read_text())
        self.assertIn("(https://github.com/o/r/blob/abc/weak/azure/hub/", summary)

    def test_inputs_are_arguments(self):
        _, outputs = self.audit(PATHS="hardened\nweak\n", SELECT="FW007", FAIL_ON="never", ARGUMENTS="--complete\n--full")
        self.assertEqual(outputs["exit-code"], "0")
        _, outputs = self.audit(PATHS="nowhere")
        self.assertEqual(outputs, {"exit-code": "3"} | {key: outputs[key] for key in outputs if key != "exit-code"})

    def test_the_configuration_holds_unless_an_input_says_otherwise(self):
        (self.folder / "palisade.toml").write_text('select = ["FW007"]\nfail-on = "never"\n')
        self.assertEqual(self.audit()[1]["exit-code"], "0")
        self.assertEqual(self.audit(FAIL_ON="high")[1]["exit-code"], "1")

    def test_what_the_baseline_holds_does_not_count(self):
        run("palisade", "baseline", "accept", "weak", "--today", "2026-11-23", cwd=self.folder, env=self.environment())
        _, outputs = self.audit(BASELINE="palisade-baseline.json")
        self.assertEqual(outputs["exit-code"], "0")

    def test_inputs_are_not_commands(self):
        _, outputs = self.audit(PATHS="weak; touch evil", SELECT="FW001$(touch evil)")
        self.assertEqual(outputs["exit-code"], "2")
        self.assertFalse((self.folder / "evil").exists())

    def test_every_input_is_used(self):
        action = load(ROOT / "action.yml")
        text = (ROOT / "action.yml").read_text()
        for name in action["inputs"]:
            self.assertIn("inputs." + name, text.split("runs:")[1], name)

    def comment(self, earlier):
        self.stand_in("gh", f'printf "%s\\n" "$*" >>"{self.folder}/asked"\ncase "$*" in *--jq*) printf "{earlier}" ;; esac\n')
        (self.folder / "report.md").write_text("<!-- palisade -->\n")
        variables = dict(MARKDOWN="report.md", NUMBER="7", GITHUB_REPOSITORY="o/r")
        run(INTEGRATIONS / "github/comment.sh", cwd=self.folder, env=self.environment(**variables))
        return (self.folder / "asked").read_text().splitlines()[-1]

    def test_a_comment_is_made_once_and_then_updated(self):
        self.assertIn("--method POST repos/o/r/issues/7/comments --field body=@report.md", self.comment(""))
        self.assertIn("--method PATCH repos/o/r/issues/comments/42 --field", self.comment("42\\n43\\n"))

    def test_a_token_without_rights_is_a_warning(self):
        self.stand_in("gh", "exit 1\n")
        variables = dict(MARKDOWN="report.md", NUMBER="7", GITHUB_REPOSITORY="o/r")
        log = run(INTEGRATIONS / "github/comment.sh", cwd=self.folder, env=self.environment(**variables))
        self.assertTrue(log.startswith("::warning::"))

    def install(self, sums, code=0, **variables):
        (self.folder / "temp").mkdir()
        (self.folder / "release").mkdir()
        target = "x86_64-unknown-linux-gnu"
        archive = self.folder / f"release/palisade-{target}.tar.gz"
        with tarfile.open(archive, "w:gz") as tar:
            tar.add(PALISADE, f"palisade-{target}/palisade")
        (self.folder / "release/SHA256SUMS").write_text(sums or run("sha256sum", archive.name, cwd=archive.parent))
        self.stand_in("gh", f'echo "$*" >>"{self.folder}/asked"\n[ "$2" = download ] && cp "{archive.parent}"/* . || true\n')
        self.stand_in("uname", '[ "$1" = -s ] && echo Linux || echo x86_64\n')
        path = self.folder / "GITHUB_PATH"
        given = dict(VERSION="", REF="v0.1.0", REPOSITORY="o/palisade", GITHUB_PATH=str(path), **variables)
        run(INTEGRATIONS / "github/install.sh", cwd=self.folder, code=code, env=self.environment(**given))
        return path

    def test_the_release_of_the_tag_is_installed(self):
        folder = self.install("").read_text().strip()
        self.assertIn("palisade 0.1.0", run(f"{folder}/palisade", "--version"))
        asked = (self.folder / "asked").read_text()
        self.assertIn("release download v0.1.0 --repo o/palisade", asked)
        self.assertIn("attestation verify palisade-x86_64-unknown-linux-gnu.tar.gz --repo o/palisade", asked)

    def test_a_wrong_checksum_stops(self):
        path = self.install("0" * 64 + "  palisade-x86_64-unknown-linux-gnu.tar.gz\n", code=1)
        self.assertFalse(path.exists())

    def test_schemas_and_linters(self):
        run("check-jsonschema", "--builtin-schema", "vendor.github-actions", "action.yml")
        run("shellcheck", *INTEGRATIONS.glob("*/*.sh"))
        run("zizmor", "--offline", "--no-progress", "--config", ".github/zizmor.yml", "action.yml", ".github")

    def test_the_documented_workflow(self):
        page = [block for block in blocks(ROOT / "docs/integrations.md") if "jobs:" in block]
        self.assertEqual(len(page), 1)
        workflow = self.folder / ".github/workflows/documented.yml"
        workflow.parent.mkdir(parents=True)
        workflow.write_text(page[0])
        run("check-jsonschema", "--builtin-schema", "vendor.github-workflows", workflow)
        run("actionlint", workflow, cwd=self.folder)
        step = load(page[0])["jobs"]["audit"]["steps"][1]
        self.assertLessEqual(set(step["with"]), set(load(ROOT / "action.yml")["inputs"]))


class AzurePipelines(Folder):
    TASK = INTEGRATIONS / "azure-pipelines/task"

    def task(self, **inputs):
        variables = dict(INPUT_PATHS="weak", INPUT_FAILON="", INPUT_PUBLISHTESTS="true", INPUT_PUBLISHSARIF="true",
                         AGENT_TEMPDIRECTORY=str(self.folder), BUILD_REPOSITORY_PROVIDER="TfsGit",
                         BUILD_REPOSITORY_URI="https://dev.azure.com/o/p/_git/r", BUILD_SOURCEVERSION="abc")
        environment = self.environment(**{**variables, **inputs})
        return run("node", self.TASK / "index.js", cwd=self.folder, env=environment).splitlines()

    def test_the_task_reports(self):
        log = self.task()
        self.assertTrue(log[0].startswith("##vso[task.logissue type=error;sourcepath=weak/azure/hub/"))
        commands = [line.split(" ")[0].split("]")[0] for line in log if "logissue" not in line]
        self.assertEqual(commands, ["##vso[task.uploadsummary", "##vso[results.publish", "##vso[artifact.upload", "##vso[task.complete"])
        self.assertEqual(log[-1], "##vso[task.complete result=Failed;]there are failures")
        summary = (self.folder / "palisade.md").read_text()
        self.assertIn("https://dev.azure.com/o/p/_git/r?path=/weak/azure/hub/", summary)
        self.assertIn("&version=GCabc&line=", summary)

    def test_inputs_are_arguments(self):
        log = self.task(INPUT_FAILON="never", INPUT_SELECT="FW007", INPUT_PUBLISHTESTS="false", INPUT_ARGUMENTS="--complete")
        self.assertEqual(len([line for line in log if "task.complete" in line or "results.publish" in line]), 0)
        log = self.task(INPUT_TOOL="nothing-here")
        self.assertTrue(log[-1].startswith("##vso[task.complete result=Failed;]palisade can't be run"))

    def test_every_input_is_used(self):
        script = (self.TASK / "index.js").read_text()
        for one in load(self.TASK / "task.json")["inputs"]:
            self.assertIn(f'"{one["name"]}"', script)

    def test_the_extension_is_packed_by_its_own_tool(self):
        tfx = ROOT / "tests/integrations/node_modules/.bin/tfx"
        copy = shutil.copytree(INTEGRATIONS / "azure-pipelines", self.folder / "extension")
        run(tfx, "extension", "create", "--manifest-globs", "vss-extension.json", "--output-path", "out.vsix", "--no-prompt", cwd=copy)
        self.assertTrue((copy / "out.vsix").is_file())

    def test_the_steps_run(self):
        path = INTEGRATIONS / "azure-pipelines/steps.yml"
        run("check-jsonschema", "--builtin-schema", "vendor.azure-pipelines", "--data-transform", "azure-pipelines", path)
        script = load(path)["steps"][0]["bash"]
        variables = dict(TOOL="palisade", FAIL_ON="high", PATHS="weak;hardened", ARGUMENTS="", AGENT_TEMPDIRECTORY=str(self.folder))
        log = run("bash", "-c", script, code=1, cwd=self.folder, env=self.environment(**variables))
        self.assertIn(f"##vso[task.uploadsummary]{self.folder}/palisade.md", log)
        self.assertTrue((self.folder / "palisade.xml").is_file())

    def test_the_documented_steps(self):
        (block,) = [block for block in blocks(ROOT / "docs/integrations.md") if "Palisade@0" in block]
        names = {one["name"] for one in load(self.TASK / "task.json")["inputs"]}
        self.assertLessEqual(set(load(block)["steps"][0]["inputs"]), names)


class PreCommit(Folder):
    def test_the_hook_runs(self):
        run("pre-commit", "validate-manifest", ".pre-commit-hooks.yaml")
        hooks = self.folder / "hooks"
        hooks.mkdir()
        shutil.copy(ROOT / ".pre-commit-hooks.yaml", hooks)
        environment = self.environment(PRE_COMMIT_HOME=str(self.folder / "home"), GIT_CONFIG_GLOBAL="/dev/null")
        for folder in (hooks, self.folder / "weak"):
            for words in (["init", "--quiet"], ["add", "."], ["-c", "user.name=n", "-c", "user.email=e@e.example", "commit", "--quiet", "--message=m"]):
                run("git", *words, cwd=folder, env=environment)
        words = ["pre-commit", "try-repo", hooks, "palisade", "--all-files", "--verbose"]
        log = run(*words, code=1, cwd=self.folder / "weak", env=environment)
        self.assertIn("critical[FW007]", log)


class Packages(Folder):
    def test_the_image_definition(self):
        run("hadolint", "Containerfile")
        # What distroless/cc has.
        has = {"libc.so.6", "libgcc_s.so.1", "libm.so.6", "ld-linux-x86-64.so.2", "ld-linux-aarch64.so.1"}
        needs = set(re.findall(r"NEEDED.*\[(.*?)\]", run("readelf", "--dynamic", PALISADE)))
        self.assertLessEqual(needs, has)

    def test_the_release(self):
        run("check-jsonschema", "--builtin-schema", "vendor.github-workflows", *ROOT.glob(".github/workflows/*.yml"))
        run("actionlint", *ROOT.glob(".github/workflows/*.yml"))
        target = "x86_64-unknown-linux-gnu"
        run(INTEGRATIONS / "release/pack.sh", target, PALISADE.parent, self.folder / "dist")
        with tarfile.open(self.folder / f"dist/palisade-{target}.tar.gz") as tar:
            tar.extractall(self.folder, filter="data")
        packed = self.folder / f"palisade-{target}"
        self.assertTrue({"palisade", "LICENSE", "README.md", "man", "completions"} <= {path.name for path in packed.iterdir()})
        pages = sorted(packed.glob("man/*.1"))
        self.assertIn("palisade-audit.1", [page.name for page in pages])
        run("mandoc", "-T", "lint", "-W", "error", *pages)
        run("bash", "-n", packed / "completions/palisade.bash")

    def test_the_krew_manifest(self):
        manifest = INTEGRATIONS / "krew/palisade.yaml"
        targets = re.findall(r"SHA256_([\w-]+)", manifest.read_text())
        workflow = load(ROOT / ".github/workflows/release.yml")
        built = [one["target"] for one in workflow["jobs"]["build"]["strategy"]["matrix"]["include"]]
        self.assertEqual(sorted(targets), sorted(built))
        sums = self.folder / "SHA256SUMS"
        sums.write_text("".join(f"{number:064x}  palisade-{target}.tar.gz\n" for number, target in enumerate(targets)))
        plugin = load(run(INTEGRATIONS / "krew/fill.sh", "1.2.3", "https://github.com/o/palisade", sums))
        # The rules of krew's "Writing Custom Plugin Manifests".
        self.assertEqual(plugin["apiVersion"], "krew.googlecontainertools.github.com/v1alpha2")
        self.assertEqual((plugin["kind"], plugin["metadata"]["name"]), ("Plugin", "palisade"))
        spec = plugin["spec"]
        self.assertRegex(spec["version"], r"^v\d+\.\d+\.\d+$")
        self.assertLessEqual(len(spec["shortDescription"]), 50)
        for number, platform in enumerate(spec["platforms"]):
            self.assertEqual(platform["sha256"], f"{number:064x}")
            self.assertRegex(platform["uri"], r"^https://.*/v1\.2\.3/palisade-.*\.tar\.gz$")
            self.assertTrue(platform["bin"].startswith(Path(platform["uri"]).name.removesuffix(".tar.gz") + "/palisade"))
            self.assertLessEqual(set(platform["selector"]["matchLabels"]), {"os", "arch"})


if __name__ == "__main__":
    unittest.main()
