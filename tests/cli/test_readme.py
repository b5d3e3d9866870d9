"""Does the README's Python example do what it says?"""

import re
from pathlib import Path

import pytest

README = Path(__file__).resolve().parents[2] / "README.md"
KEY = (
    b'{"schema": "authkit.access-key/v1", "access_key_id": "AKIDEXAMPLE", '
    b'"secret": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"}\n'
)


def test_the_python_example_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (block,) = re.findall(r"```python\n(.*?)```", README.read_text("utf-8"), re.DOTALL)
    (tmp_path / "key.json").write_bytes(KEY)
    monkeypatch.chdir(tmp_path)
    exec(compile(block, "README.md", "exec"), {})
    lines = capsys.readouterr().out.split("\n")
    assert lines[:3] == ["GET", "/list", "tag=a%2Bb"]
    assert lines[-3].startswith("AKIDEXAMPLE ")
    assert "'method', 'path', 'query', 'host', 'x-amz-date', 'body'" in lines[-3]
    assert lines[-2:] == ["signature-mismatch", ""]
