"""Does each promise of SECURITY.md name tests that exist?"""

import re

from house.sources import PROJECT

ROW = re.compile(r"^\| (\d+) \| (.*) \| (.*) \|$", re.MULTILINE)
NAMED = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+))?`")


def test_each_promise_is_held_by_tests_that_exist() -> None:
    rows = ROW.findall((PROJECT / "SECURITY.md").read_text("utf-8"))
    assert [int(number) for number, _, _ in rows] == list(range(1, 22))
    missing = []
    for number, _, held in [row for row in rows if row[0] != "11"]:
        named = NAMED.findall(held)
        if not named:
            missing.append(f"promise {number} names no test")
        for path, function in named:
            text = (PROJECT / path).read_text("utf-8") if (PROJECT / path).is_file() else ""
            if f"def {function or 'test_'}" not in text:
                missing.append(f"promise {number}: {path} has no {function or 'test'}")
    assert not missing, "\n".join(["", *missing])
