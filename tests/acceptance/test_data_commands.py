"""`ftrunner data …` as a user meets it."""

from __future__ import annotations

import json

import pytest

from tests.kit.project import Project
from tests.kit.stories import stories

GOOD = (
    '{"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Yes"}]}\n'
)
BAD = GOOD.replace("user", "usr")


@pytest.fixture
def data(project: Project) -> Project:
    project.write({"good.jsonl": GOOD, "bad.jsonl": GOOD + BAD})
    return project


def test_check_says_what_is_wrong_and_where(data: Project) -> None:
    refused = data.run("data", "check", "bad.jsonl").expect(2)

    assert "bad.jsonl:2 messages[0].role: error FT224: 'usr' is not a role" in refused.err
    assert "hint: did you mean 'user'?" in refused.err
    assert "1 error" in refused.err


def test_check_of_good_data_is_short(data: Project) -> None:
    assert data.run("data", "check", "good.jsonl").expect(0).out == (
        f"train: 1 example, {len(GOOD)} bytes\nno problems found\n"
    )


def test_check_takes_a_spec(project: Project) -> None:
    project.write(stories())

    assert "train: 10 examples" in project.run("data", "check", "stories.yaml").expect(0).out


def test_check_for_another_provider_takes_its_limits(data: Project) -> None:
    assert "FT230" in data.run("data", "check", "good.jsonl", "--provider", "openai").expect(2).err


@pytest.mark.parametrize("of", ["a file", "a spec"])
def test_data_is_held_to_what_the_provider_refuses(project: Project, of: str) -> None:
    twice = '{"role": "assistant", "content": "Yes"}'
    project.write(stories())
    project.write({"data.jsonl": GOOD.replace(twice, f"{twice}, {twice}") * 10})

    where = "stories.yaml" if of == "a spec" else "data.jsonl"
    refused = project.run("data", "check", where, "--provider", "azure").expect(2)

    assert "error FT234" in refused.err


@pytest.mark.parametrize("option", [["--json"], ["--format", "json"]])
def test_check_for_programs(data: Project, option: list[str]) -> None:
    [document] = data.run("data", "check", "bad.jsonl", *option).expect(2).documents()

    assert document["valid"] is False
    assert document["counts"] == {"FT224": 1}
    [finding] = document["findings"]
    assert (finding["file"], finding["line"], finding["path"]) == (
        "bad.jsonl",
        2,
        "messages[0].role",
    )


def test_check_for_code_scanners(data: Project) -> None:
    sarif = json.loads(data.run("data", "check", "bad.jsonl", "--format", "sarif").expect(2).out)

    [run] = sarif["runs"]
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["FT224"]
    [result] = run["results"]
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "bad.jsonl"
    assert place["region"] == {"startLine": 2}


def test_check_for_pull_requests(data: Project) -> None:
    shown = data.run("data", "check", "bad.jsonl", "--format", "github").expect(2).out

    assert shown == (
        "::error file=bad.jsonl,line=2,title=FT224::"
        "messages[0].role: 'usr' is not a role (did you mean 'user'?)\n"
    )


def test_a_spec_among_files_is_refused(data: Project) -> None:
    data.write(stories())

    assert "one spec" in data.run("data", "check", "stories.yaml", "good.jsonl").expect(2).err


def test_stats_are_figures(data: Project) -> None:
    shown = data.run("data", "stats", "good.jsonl", "--model", "gpt-4o").expect(0).out

    assert "1 user, 1 assistant" in shown
    assert "Latin 100%" in shown
    assert "tokens" in shown
    [document] = data.run("data", "stats", "good.jsonl", "--json").expect(0).documents()
    assert document["train"]["examples"] == 1


def test_stats_of_a_spec_show_what_training_costs(project: Project) -> None:
    prices = {"openai": {"source": "a contract", "training": {"gpt-4o-mini": 1000}}}
    project.write(stories(prices=prices))

    shown = project.run("data", "stats", "stories.yaml", "--tokens", "sample").expect(0).out
    [document] = project.run(
        "data", "stats", "stories.yaml", "--tokens", "exact", "--json"
    ).documents()

    assert "× 10 epochs, about $" in shown
    assert "at $1,000.00 per million (a contract)" in shown
    assert document["estimate"]["price"]["low"] == 1000


def test_tokens_of_files_need_a_model(data: Project) -> None:
    asked = data.run("data", "check", "good.jsonl", "--tokens", "exact").expect(2)

    assert "--tokens needs --model" in asked.err
    shown = data.run("data", "check", "good.jsonl", "--tokens", "exact", "--model", "gpt-4o")
    assert "bytes, 11 tokens" in shown.expect(0).out
    shown = data.run("data", "check", "good.jsonl", "--model", "llama-3").expect(0)
    assert "tokens were not counted: the vocabulary of llama-3 is not published" in shown.out


def test_one_cause_is_one_finding_with_a_true_total(data: Project) -> None:
    data.write({"bad.jsonl": BAD * 1500})

    refused = data.run("data", "check", "bad.jsonl").expect(2)

    assert "all 1,500 rows: " in refused.err
    assert refused.err.splitlines()[-1].startswith("1 error")


def test_another_format_is_reported_once_a_file(data: Project) -> None:
    refused = data.run("data", "check", "good.jsonl", "bad.jsonl", "--method", "dpo").expect(2)

    assert refused.err.splitlines() == [
        "bad.jsonl:1: error FT220: all 2 rows: this looks like chat data, and preference (DPO) data"
        " is wanted",
        "  hint: set method: supervised, or name another file",
        "good.jsonl:1: error FT220: this looks like chat data, and preference (DPO) data is wanted",
        "2 errors",
    ]


def test_a_missing_file_is_not_said_to_be_relative_to_a_spec(data: Project) -> None:
    assert "hint" not in data.run("data", "check", "none.jsonl").expect(2).err


def test_stats_say_that_there_is_more_to_know(data: Project) -> None:
    printed = data.run("data", "stats", "bad.jsonl").expect(0)

    assert "train: 2 examples" in printed.out
    assert printed.err == "1 error: run `ftrunner data check` to list them\n"


@pytest.mark.parametrize(
    "command", [["stats"], ["diff", "good.jsonl"], ["split"], ["fix", "x.jsonl"]]
)
def test_what_is_not_data_is_not_worked_on(data: Project, command: list[str]) -> None:
    data.write({"odd.jsonl": GOOD.encode("utf-16")})
    name, *others = command
    files = ["odd.jsonl", *others] if name == "fix" else [*others, "odd.jsonl"]

    assert (
        "odd.jsonl: error FT206: the file is UTF-16" in data.run("data", name, *files).expect(2).err
    )


def test_stats_of_nothing_says_why(data: Project) -> None:
    assert "FT201" in data.run("data", "stats", "none.jsonl").expect(2).err


def test_diff_counts_rows(data: Project) -> None:
    data.write({"more.jsonl": GOOD + GOOD.replace("Hi", "Ho") + GOOD.replace("Hi", "Ha")})

    assert data.run("data", "diff", "good.jsonl", "more.jsonl").expect(0).out == (
        "+2 −0 ~0 rows, 1 unchanged\n"
    )
    data.write({"other.jsonl": GOOD.replace("Yes", "No")})
    [document] = data.run("data", "diff", "good.jsonl", "other.jsonl", "--json").documents()
    assert document["changed"] == 1


def test_diff_reports_rows_that_it_cannot_read(data: Project) -> None:
    data.write({"more.jsonl": GOOD + BAD + "{\n"})

    printed = data.run("data", "diff", "good.jsonl", "more.jsonl").expect(0)
    assert printed.out == "+0 −0 ~0 rows, 1 unchanged\n"
    assert printed.err.startswith("more.jsonl: 2 rows are not examples and left out")
    [document] = data.run("data", "diff", "good.jsonl", "more.jsonl", "--json").documents()
    assert document["unread"] == {"before": 0, "after": 2}


def test_fix_writes_a_new_file_and_leaves_the_old_one(data: Project) -> None:
    data.write({"odd.jsonl": GOOD + "\n" + BAD + GOOD + GOOD.replace("Hi", "H\u200bi")})
    before = data.read("odd.jsonl")
    arguments = ["data", "fix", "odd.jsonl", "new.jsonl", "--repair", "FT217", "--repair", "FT260"]

    done = data.run(*arguments, "--drop", "FT224", "--drop", "ft250").expect(0)

    assert "new.jsonl: 1 of 5 lines" in done.out
    assert data.read("new.jsonl") == GOOD
    assert data.read("odd.jsonl") == before
    assert "--force" in data.run(*arguments).expect(2).err
    data.run(*arguments, "--force").expect(0)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["fix", "good.jsonl", "good.jsonl", "--force"], "the file that is read"),
        (["fix", "good.jsonl", "new.jsonl.gz"], "uncompressed"),
        (["fix", "good.jsonl", "new.jsonl", "--drop", "FT999"], "FT999"),
        (["fix", "good.jsonl", "new.jsonl", "--repair", "FT224"], "FT224"),
        (["fix", "none.jsonl", "new.jsonl"], "FT201"),
        (["fix", "good.jsonl", "no/such/new.jsonl"], "no/such/new.jsonl cannot be written: there"),
        (["convert", "good.jsonl", "no/such/new.jsonl"], "is no folder no/such; make it first"),
        (["split", "good.jsonl", "--into", "none"], "is no folder none; make it first"),
        (["split", "good.jsonl", "--into", "bad.jsonl"], "is no folder bad.jsonl"),
        (["fix", "good.jsonl", ".", "--force"], "is a folder; name a file in it"),
        (["fix", "good.jsonl", f"{'x' * 255}.jsonl"], "file name too long; name another place"),
        (["convert", "bad.jsonl", "new.jsonl"], "'usr' is not a role"),
        (["convert", "good.jsonl", "new.jsonl", "--map", "who=question"], "ROLE=KEY"),
        (["split", "good.jsonl", "--validation", "1.5"], "1.5"),
        (["diff", "good.jsonl", "none.jsonl"], "FT201"),
    ],
)
def test_what_cannot_be_done_is_said_and_leaves_no_file(
    data: Project, arguments: list[str], said: str
) -> None:
    before = sorted(path.name for path in data.folder.iterdir())

    assert said in data.run("data", *arguments).expect(2).err
    assert sorted(path.name for path in data.folder.iterdir()) == before


def test_a_line_that_is_too_long_is_never_cut(data: Project) -> None:
    long = GOOD.replace("Yes", "x" * 17_000_000)
    data.write({"long.jsonl": GOOD + long + GOOD.replace("Yes", "No")})
    before = sorted(path.name for path in data.folder.iterdir())

    for command in (["split", "long.jsonl"], ["fix", "long.jsonl", "new.jsonl"]):
        refused = data.run("data", *command).expect(2)
        assert "long.jsonl:2: error FT213" in refused.err
        assert sorted(path.name for path in data.folder.iterdir()) == before

    printed = data.run("data", "fix", "--drop", "FT213", "long.jsonl", "new.jsonl").expect(0).out
    assert "dropped 1 for FT213" in printed
    assert data.read("new.jsonl") == GOOD + GOOD.replace("Yes", "No")


def test_split_makes_two_files_of_all_rows(data: Project) -> None:
    rows = [GOOD.replace("Hi", f"Question {number}") for number in range(60)]
    data.write({"all.jsonl": "".join(rows)})

    done = data.run("data", "split", "all.jsonl", "--validation", "0.2", "--json").expect(0)

    [document] = done.documents()
    written = {each["file"]: each["rows"] for each in document["files"]}
    assert list(written) == ["all.train.jsonl", "all.validation.jsonl"]
    assert written == {name: data.read(name).count("\n") for name in written}
    parts = "".join(map(data.read, written))
    assert sorted(parts.splitlines(keepends=True)) == sorted(rows)


def test_split_of_few_rows_holds_one_out(data: Project) -> None:
    rows = [GOOD.replace("Hi", f"Question {number}") for number in range(5)]
    data.write({"few.jsonl": "\n" + "\n".join(rows), "one.jsonl": GOOD + GOOD.replace(": ", ":")})

    printed = data.run("data", "split", "few.jsonl").expect(0)
    refused = data.run("data", "split", "one.jsonl").expect(2)

    assert printed.out == "few.train.jsonl: 4 rows\nfew.validation.jsonl: 1 row\n"
    assert data.read("few.validation.jsonl").strip()
    assert "needs two different rows" in refused.err
    assert not (data.folder / "one.validation.jsonl").exists()


def test_diff_lists_the_rows_that_changed(data: Project) -> None:
    one, two, three = (GOOD.replace("Hi", word) for word in ("One", "Two", "Three"))
    compact = json.dumps(json.loads(one), separators=(",", ":"), sort_keys=True) + "\n"
    data.write(
        {"old.jsonl": one + two + GOOD, "new.jsonl": compact + three + GOOD.replace("Yes", "No")}
    )

    printed = data.run("data", "diff", "old.jsonl", "new.jsonl", "--rows").expect(0)
    [fields] = data.run("data", "diff", "old.jsonl", "new.jsonl", "--rows", "--json").documents()

    assert printed.out == (
        "+1 −1 ~1 rows, 1 unchanged\n"
        "~ new.jsonl:3 (before: old.jsonl:3)\n"
        "+ new.jsonl:2\n"
        "− old.jsonl:2\n"
    )
    assert fields["rows"] == {
        "changed": [{"before": "old.jsonl:3", "after": "new.jsonl:3"}],
        "added": ["new.jsonl:2"],
        "removed": ["old.jsonl:2"],
    }


def test_convert_makes_chat_data(data: Project) -> None:
    data.write({"old.jsonl": '{"prompt": "Hi ->", "completion": " Yes\\n"}\n'})

    data.run("data", "convert", "old.jsonl", "new.jsonl", "--system", "Be brief.").expect(0)

    assert data.read("new.jsonl") == GOOD.replace("Hi", "Hi ->").replace(
        "[{", '[{"role": "system", "content": "Be brief."}, {'
    )
    data.run("data", "check", "new.jsonl").expect(0)


def test_what_check_recognises_convert_makes_good(data: Project) -> None:
    rows = [f"Frage {n};Antwort {n}" for n in range(12)]
    data.write({"sheet.csv": "\n".join(["frage;antwort", *rows])})
    data.write({"array.json": json.dumps([{"instruction": "a", "output": "b"}] * 3)})

    printed = data.run("data", "check", "sheet.csv").expect(2).err
    assert "ftrunner data convert sheet.csv sheet.jsonl" in printed
    columns = ("--map", "user=frage", "--map", "assistant=antwort")
    data.run("data", "convert", "sheet.csv", "sheet.jsonl", *columns).expect(0)
    data.run("data", "check", "sheet.jsonl").expect(0)

    printed = data.run("data", "check", "array.json").expect(2).err
    assert "ftrunner data convert array.json array.new.jsonl" in printed
    made = data.run("data", "convert", "array.json", "array.new.jsonl", "--from", "alpaca")
    assert "array.new.jsonl: 3 examples" in made.expect(0).out


def test_repairs_of_form_make_lines_good(data: Project) -> None:
    good = (
        '{"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "A"}]}'
    )
    python = (
        "{'messages': [{'role': 'user', 'content': 'Hi'}, {'role': 'assistant', 'content': None}]}"
    )
    odd = [f"\u00a0{good}", f"{good},", good + good, python.replace("None", "'B'"), "# note",
           good.replace('"role"', "“role”"), good[:-1] + ', "id": 7, "tools": null}']  # fmt: skip
    data.write({"odd.jsonl": "\n".join(odd)})

    codes = ("--repair", "FT211", "--repair", "FT222", "--repair", "FT264")
    data.run("data", "fix", "odd.jsonl", "new.jsonl", *codes).expect(0)

    printed = data.run("data", "check", "new.jsonl").expect(0)
    assert "train: 7 examples" in printed.out
