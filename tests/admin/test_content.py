"""`tryggvag content check` says of each file that cannot be used where and why."""

from __future__ import annotations

import json
from pathlib import Path

import config
from tests.admin.conftest import call, done
from tests.test_plans import HEAD, STEP, write


def test_content_that_can_be_used_is_counted_and_ends_with_nought(tmp_path: Path) -> None:
    write(tmp_path, HEAD + STEP)
    said = done(call("content", "check", str(tmp_path)))
    assert "Allt innehåll går att läsa" in said
    assert "10 planer" in said


def test_a_plan_that_cannot_be_used_is_named_with_its_line(tmp_path: Path) -> None:
    write(tmp_path, (HEAD + STEP).replace('to = "contacts"', 'to = "alla"'))
    said = call("content", "check", str(tmp_path))
    assert said.exit_code == 1
    assert said.stdout.startswith("plans/council.toml:5: to: ")
    [bad] = json.loads(call("content", "check", str(tmp_path), "--json").stdout)
    assert (bad["file"], bad["line"]) == ("plans/council.toml", 5)


def test_a_step_that_names_a_list_which_is_not_there_and_a_wrong_election_are_named(tmp_path: Path) -> None:
    write(tmp_path, (HEAD + STEP).replace('to = "contacts"', 'to = "contacts"\nchecklist = "finns-inte"'))
    (tmp_path / "elections.toml").write_text("[[election]]\nday = 2030", encoding="utf-8")
    said = call("content", "check", str(tmp_path))
    assert said.exit_code == 1
    assert "one: there is no checklist finns-inte" in said.stdout
    assert "elections.toml:1: election 1.day" in said.stdout


def test_a_risk_guide_that_cannot_be_used_is_named_with_its_line_and_why(tmp_path: Path) -> None:
    ours = (Path(config.__file__).parent / "content" / "risk.toml").read_text(encoding="utf-8")
    (tmp_path / "risk.toml").write_text(ours, encoding="utf-8")
    done(call("content", "check", str(tmp_path)))
    wrong = ours.replace("many = 3", "many = 30")
    (tmp_path / "risk.toml").write_text(wrong, encoding="utf-8")
    said = call("content", "check", str(tmp_path))
    assert said.exit_code == 1
    line = wrong[: wrong.index("many = 30")].count("\n") + 1
    assert said.stdout == f"risk.toml:{line}: limits.step2.many: 0 to 8, as many as there are statements\n"
