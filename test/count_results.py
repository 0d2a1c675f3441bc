#!/usr/bin/env python3
"""Adds up the reports of all test runners; prints `N passed, N failed`.

usage: count_results.py FOLDER: lit.json, ctest.xml, gtest/*.xml, structure.xml
A missing or unreadable report counts as one failure: no runner may die unseen.
"""

import glob
import json
import os
import sys
import xml.etree.ElementTree as ET


def junit_counts(path):
    """(passed, failed, {name: failed}) of one JUnit file."""
    root = ET.parse(path).getroot()
    passed = failed = 0
    cases = {}
    for case in root.iter("testcase"):
        if case.find("skipped") is not None or case.get("status") in ("notrun", "disabled"):
            continue
        bad = case.find("failure") is not None or case.find("error") is not None
        bad = bad or case.get("status") == "fail"
        cases[case.get("name")] = bad
        passed += not bad
        failed += bad
    return passed, failed, cases


def count_lit(folder):
    with open(os.path.join(folder, "lit.json"), encoding="utf-8") as file:
        tests = json.load(file)["tests"]
    passed = sum(t["code"] in ("PASS", "XFAIL", "FLAKYPASS") for t in tests)
    skipped = sum(t["code"] in ("UNSUPPORTED", "SKIPPED", "EXCLUDED") for t in tests)
    return passed, len(tests) - passed - skipped


def count_ctest(folder):
    """A gtest program counts by its cases, any other program as one test."""
    _, _, programs = junit_counts(os.path.join(folder, "ctest.xml"))
    passed = failed = 0
    for name, bad in programs.items():
        report = os.path.join(folder, "gtest", name + ".xml")
        if not os.path.exists(report):
            passed += not bad
            failed += bad
            continue
        p, f, _ = junit_counts(report)
        passed += p
        failed += max(f, 1) if bad else f
    return passed, failed


def count_structure(folder):
    # A place without its test counts as one failure; that all have theirs is
    # one passed test, so that the sum counts tests and not file names.
    _, failed, _ = junit_counts(os.path.join(folder, "structure.xml"))
    return int(failed == 0), failed


def main():
    folder = sys.argv[1]
    runners = [
        ("lit", lambda: count_lit(folder)),
        ("ctest", lambda: count_ctest(folder)),
        ("structure", lambda: count_structure(folder)),
    ]
    passed = failed = 0
    for name, count in runners:
        try:
            p, f = count()
            if p + f == 0:
                raise ValueError("no test ran")
        except (OSError, ValueError, KeyError, ET.ParseError) as error:
            print(f"{name}: no usable report: {error}")
            p, f = 0, 1
        print(f"{name}: {p} passed, {f} failed")
        passed += p
        failed += f
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
