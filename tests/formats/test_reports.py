"""The reports that Palisade writes, read by libraries that others wrote.

PALISADE_REPORTS names a folder with `NAME.json` and the same report in the other formats; one has waivers.
"""

import csv
import json
import os
import unittest
import xml.etree.ElementTree as ElementTree
from functools import cache
from pathlib import Path

import jsonschema
import ocsf_json_schema
import openpyxl
from junitparser import Failure, JUnitXml, Skipped
from prometheus_client.parser import text_string_to_metric_families
from py_ocsf_models.events.findings.compliance_finding import ComplianceFinding
from trestle.oscal.assessment_results import AssessmentResults

FOLDER = Path(os.environ["PALISADE_REPORTS"])
NAMES = sorted(path.name.removesuffix(".json") for path in FOLDER.glob("*.json") if path.name.count(".") == 1)


def report(name):
    return json.loads((FOLDER / f"{name}.json").read_text())


def status(finding):
    return "waived" if finding.get("suppression") else finding["result"]


def count(name, *wanted):
    return sum(status(finding) in wanted for finding in report(name)["findings"])


@cache
def ocsf_schema(profiles):
    schema = ocsf_json_schema.OcsfJsonSchemaEmbedded(ocsf_json_schema.get_ocsf_schema("1.4.0"))
    return jsonschema.Draft202012Validator(schema.get_class_schema("compliance_finding", list(profiles)))


class Reports(unittest.TestCase):
    def setUp(self):
        self.assertTrue(NAMES, f"no report in {FOLDER}")

    def test_something_is_waived(self):
        self.assertGreater(sum(count(name, "waived") for name in NAMES), 5)

    def each(self, ending):
        return [(name, FOLDER / f"{name}.{ending}") for name in NAMES]

    def test_csv_has_a_row_for_each_answer(self):
        for name, path in self.each("csv"):
            with path.open(newline="") as file:
                rows = list(csv.DictReader(file, strict=True))
            findings = report(name)["findings"]
            self.assertEqual([row["fingerprint"] for row in rows], [finding["fingerprint"] for finding in findings])
            self.assertEqual([row["status"] for row in rows], [status(finding) for finding in findings])

    def test_xlsx_opens(self):
        for name, path in self.each("xlsx"):
            book = openpyxl.load_workbook(path)
            self.assertEqual(book.sheetnames, ["Overview", "Findings", "Controls", "Inventory"])
            data = report(name)
            self.assertEqual(book["Findings"].max_row - 1, len(data["findings"]))
            self.assertEqual(book["Controls"].max_row - 1, len(data["controls"]))
            inventory = data["input"]["resources"] + data["input"]["objects"]
            self.assertEqual(book["Inventory"].max_row - 1, inventory)
            for sheet in ("Findings", "Controls", "Inventory"):
                self.assertEqual(book[sheet].freeze_panes, "A2")
                self.assertTrue(book[sheet].auto_filter.ref)
            formulas = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
            self.assertEqual(formulas, [])

    def test_junit_counts_its_cases(self):
        for name, path in self.each("xml"):
            suites = JUnitXml.fromfile(str(path))
            cases = [case for suite in suites for case in suite]
            told = (suites.tests, suites.failures, suites.skipped, suites.errors)
            suites.update_statistics()
            self.assertEqual(told, (suites.tests, suites.failures, suites.skipped, suites.errors))
            kinds = [type(result) for case in cases for result in case.result]
            self.assertEqual(kinds.count(Failure), count(name, "fail"))
            self.assertEqual(kinds.count(Skipped), count(name, "unknown", "waived"))
            self.assertEqual(len(cases), count(name, "fail", "pass", "unknown", "waived"))
            self.assertEqual(ElementTree.parse(path).getroot().tag, "testsuites")

    def test_ocsf_fits_the_schema(self):
        for name, path in self.each("jsonl"):
            events = [json.loads(line) for line in path.read_text().splitlines()]
            findings = report(name)["findings"]
            self.assertEqual(len(events), len(findings))
            for event, finding in zip(events, findings):
                schema = ocsf_schema(tuple(event["metadata"].get("profiles", ())))
                self.assertEqual([error.message for error in schema.iter_errors(event)], [])
                ComplianceFinding.model_validate(event)
                self.assertEqual(event["status"] == "Suppressed", status(finding) == "waived")

    def test_ocsf_schema_would_tell(self):
        for _, path in self.each("jsonl"):
            event = json.loads(path.read_text().splitlines()[0])
            event["severity_id"] = 42
            self.assertFalse(ocsf_schema(()).is_valid(event))

    def test_oscal_is_taken_by_trestle(self):
        for name, path in self.each("oscal.json"):
            document = AssessmentResults.oscal_read(path)
            (result,) = document.results
            failures = [finding for finding in report(name)["findings"] if finding["result"] == "fail"]
            self.assertEqual(len(result.risks or []), len(failures))
            approved = [risk for risk in result.risks or [] if risk.status.model_dump(mode="json") == "deviation-approved"]
            self.assertEqual(len(approved), sum(status(finding) == "waived" for finding in failures))
            self.assertEqual(len(result.observations), count(name, "fail", "pass", "unknown", "waived"))
            known = {observation.uuid for observation in result.observations}
            self.assertEqual(len(known), len(result.observations))
            for finding in result.findings:
                self.assertTrue({one.observation_uuid for one in finding.related_observations} <= known)
            items = {item.uuid for item in result.local_definitions.inventory_items}
            for observation in result.observations:
                self.assertTrue({one.subject_uuid for one in observation.subjects} <= items)

    def test_prometheus_figures_add_up(self):
        for name, path in self.each("prom"):
            families = {family.name: family for family in text_string_to_metric_families(path.read_text())}
            self.assertTrue(all(family.documentation for family in families.values()))
            totals = {}
            for sample in families["palisade_findings"].samples:
                totals[sample.labels["status"]] = totals.get(sample.labels["status"], 0) + sample.value
            for word in ("fail", "unknown", "pass", "not-applicable", "waived"):
                self.assertEqual(totals[word], count(name, word), word)
            self.assertEqual(sum(one.value for one in families["palisade_failures"].samples), count(name, "fail"))
            self.assertEqual(families["palisade_score"].samples[0].value, report(name)["score"])


if __name__ == "__main__":
    unittest.main()
