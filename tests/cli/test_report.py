"""``glaciercli report``: figures against arithmetic of the test's own, and a page in a browser."""

import csv
import io
import json
import re
import shutil
import sqlite3
import subprocess
from contextlib import closing
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run

GB = 2**30
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")

#: Name, bytes and age in days of each archive.
ARCHIVES = (
    ("raw/a", 3 * GB, 10),
    ("raw/b", 6 * GB, 400),
    ("jpg/c", 1000, 4000),
    ("jpg/<img src=x onerror=alert(1)>", 200_000, 200),
    ("d", 6 * 2**40, 1000),
)


@pytest.fixture
def stored(local: Run, photos: Path, key_map: Path) -> Path:
    """A vault with a few archives that are large and old in the key map."""
    source = photos / "source"
    for name, _, _ in ARCHIVES:
        path = source / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    local("upload", "source", "photos").ok()
    with closing(sqlite3.connect(key_map)) as connection, connection:
        for name, size, days in ARCHIVES:
            connection.execute(
                "UPDATE archives SET size_bytes = ?, uploaded_at = uploaded_at - ? WHERE name = ?",
                (size, timedelta(days=days) // timedelta(milliseconds=1), name),
            )
    return photos


def up(numerator: int, denominator: int = GB) -> int:
    return -(-numerator // denominator)


def micro(amount: Any) -> int:
    return int(amount["usd"].replace(".", ""))


@pytest.mark.usefixtures("stored")
def test_the_figures_are_those_of_the_archives_and_of_the_price_table(local: Run) -> None:
    said = local("report", "photos", "-o", "json").ok().json
    sizes = [size for _, size, _ in ARCHIVES]
    count, total = len(sizes), sum(sizes)
    assert (said["archives"], said["size_bytes"]) == (count, total)
    assert micro(said["storing_per_month"]) == up(total * 3600) + up(count * 32768 * 3600)
    instant, flexible, deep = said["classes"]
    least = sum(max(size, 131_072) for size in sizes)
    assert micro(instant["storing_per_month"]) == up(least * 4000)
    metadata = up(count * 8192 * 23_000)
    assert micro(flexible["storing_per_month"]) == (
        up(total * 3600) + up(count * 32768 * 3600) + metadata
    )
    assert micro(deep["storing_per_month"]) == (
        up(total * 990) + up(count * 32768 * 990) + metadata
    )
    # Two are larger than 5 GiB: 6 GiB goes up in 2 parts, 6 TiB in 1,229.
    puts = 3 + (2 + 2) + (1229 + 2)
    bulk = up(total * 2500) + up(count * 25_000, 1000)
    assert micro(deep["moving"]) == bulk + up(puts * 50_000, 1000)
    saved = micro(said["storing_per_month"]) - micro(deep["storing_per_month"])
    assert deep["months_to_break_even"] == up(micro(deep["moving"]), saved)
    assert instant["months_to_break_even"] is None
    assert (deep["paid_for_least_days"], flexible["paid_for_least_days"]) == (180, 90)
    assert said["deleting_now"]["young_archives"] == 1


@pytest.mark.usefixtures("stored")
def test_the_archives_are_counted_by_folder_age_and_size(local: Run) -> None:
    said = local("report", "photos", "-o", "json").ok().json
    assert [(one["folder"], one["archives"]) for one in said["folders"]] == [
        ("", 1),
        ("raw/", 2),
        ("jpg/", 2),
    ]
    ages = {one["least_days"]: one["archives"] for one in said["ages"]}
    assert ages == {0: 1, 90: 1, 365: 1, 730: 1, 1095: 0, 1825: 0, 3650: 1}
    sizes = {one["least_bytes"]: one["archives"] for one in said["extents"] if one["archives"]}
    assert sizes == {0: 1, 32_768: 1, GB: 2, 5 * 2**40: 1}


@pytest.mark.usefixtures("stored")
def test_every_amount_leads_to_a_row(local: Run) -> None:
    said = local("report", "photos", "-o", "json").ok().json
    rows = {one["row"] for one in said["prices"]}
    text = json.dumps({**said, "prices": []})
    assert {f"us-east-1/{one}" for one in re.findall('"row": "us-east-1/([^"]+)"', text)} == rows


@pytest.mark.usefixtures("stored")
def test_people_read_tables(local: Run) -> None:
    out = local("report", "photos").ok().out
    assert "5 archives, 6.0 TiB, all versions" in out
    assert "storing it here: $22.16 a month" in out
    assert "S3 Glacier Deep Archive" in out
    assert "mind: 2 archives: larger than 5 GiB, the most that one PUT of S3 takes" in out
    assert "mind: 1 archive: larger than 5 TiB" in out
    assert "younger than 90 days" in out
    rows = list(csv.DictReader(io.StringIO(local("report", "photos", "-o", "csv").ok().out)))
    assert {one["part"] for one in rows} == {
        *("storing_per_month", "moving", "bringing_here", "deleting_now"),
        *("by_folder", "by_age", "by_size", "blocker"),
    }


def kinds(local: Run) -> set[str]:
    said = local("report", "photos", "-o", "json").ok().json
    return {one["kind"] for one in said["blockers"]}


@pytest.mark.usefixtures("stored")
def test_what_stands_in_the_way_is_told(local: Run, work: Path, key_map: Path) -> None:
    assert kinds(local) == {"too-large-for-one-put", "too-large-for-an-object"}
    (work / "d").write_bytes(b"newer")
    local("upload", "d", "photos").ok()
    local("vault", "lock", "start", "photos", "--preset", "deny-delete-for-days=365").ok()
    with closing(sqlite3.connect(key_map)) as connection, connection:
        connection.execute("UPDATE archives SET name = NULL WHERE name = 'raw/a'")
        connection.execute("UPDATE archives SET name = ? WHERE name = 'raw/b'", ("n" * 1025,))
    assert kinds(local) >= {"lock", "unnamed", "versions", "long-names"}


def test_an_empty_vault_has_a_report(local: Run, photos: Path) -> None:
    out = local("report", "photos", "--html", "page.html").ok().out
    assert "0 archives, 0 B, all versions" in out
    assert "storing it here: $0.00 a month" in out
    assert (photos / "page.html").read_text().count("<svg") == 1
    local("report", "nosuch").failed(10)


def test_a_region_without_prices_says_so(local: Run, work: Path) -> None:
    mars = ("--region", "mars-north-1")
    local("vault", "create", "rover", *mars).ok()
    (work / "a").write_bytes(b"x")
    local("upload", "a", "rover", *mars).ok()
    out = local("report", "rover", *mars, "--html", "page.html").ok().out
    assert "storing it here: unknown: no price of mars-north-1/vault/storage" in out
    assert "$" not in out
    assert "no price is known of mars-north-1/vault/storage" in (work / "page.html").read_text()


@pytest.mark.usefixtures("stored")
def test_where_the_service_does_not_answer_the_figures_are_told_all_the_same(
    run: Run, key_map: Path
) -> None:
    with closing(sqlite3.connect(key_map)) as connection, connection:
        connection.execute("UPDATE vaults SET endpoint = 'http://127.0.0.1:9'")
    env = {
        "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_REGION": "us-east-1",
    }
    line = ("--endpoint-url", "http://127.0.0.1:9", "report", "photos", "-o", "json")
    said = run(*line, env=env).ok().json
    assert said["archives"] == len(ARCHIVES)
    assert said["blockers"][0]["kind"] == "not-looked-at"


@pytest.mark.usefixtures("stored")
def test_a_page_is_never_replaced_unless_told_so(local: Run, work: Path) -> None:
    (work / "page.html").write_text("mine")
    local("report", "photos", "--html", "page.html").failed(1, "exists already")
    local("report", "photos", "--html", "-").failed(2, "takes the name of a file")
    assert (work / "page.html").read_text() == "mine"
    local("report", "photos", "--html", "page.html", "--overwrite").ok()
    assert (work / "page.html").read_text().startswith("<!doctype html>")
    local("report", "photos", "--html", "nowhere/at/all/page.html").ok()
    local("report", "photos", "--html", str(work)).failed(1)


@pytest.mark.covers("H3")
@pytest.mark.usefixtures("stored")
def test_the_page_asks_for_nothing_and_escapes_every_name(local: Run, work: Path) -> None:
    local("report", "photos", "--html", "page.html").ok()
    page = (work / "page.html").read_text("utf-8")
    assert "<img" not in page
    assert "<script" not in page
    assert not re.search(r"(src|href)=", page)
    assert "default-src 'none'" in page
    text = unescape(re.sub("<[^>]+>", " ", page))
    for words in ("Vault photos", "S3 Glacier Deep Archive", "$22.16", "raw/", "vault/storage"):
        assert words in text


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: the page was not looked at")
@pytest.mark.usefixtures("stored")
def test_a_browser_shows_the_page_as_it_is_meant(local: Run, work: Path, key_map: Path) -> None:
    hostile = "<img src=x onerror=\"document.title='taken'\">\u202e\x1b[31m</text></svg>/x"
    with closing(sqlite3.connect(key_map)) as connection, connection:
        connection.execute("UPDATE archives SET name = ? WHERE name = 'raw/a'", (hostile,))
    local("report", "photos", "--html", "page.html").ok()
    seen = look_at(work / "page.html", work)
    assert seen["title"] == "Vault photos"
    assert seen["images"] == seen["scripts"] == 0
    # Costs here and in three classes; folders; ages; sizes.
    assert [len(bars) for bars in seen["charts"]] == [4, 4, 5, 4]
    for bars in seen["charts"]:
        assert all(one["width"] > 0 for one in bars)
        assert all(one["right"] <= seen["width"] for one in bars)
    here, _, _, deep = seen["charts"][0]
    assert deep["width"] / here["width"] == pytest.approx(990 / 3600, abs=0.02)
    assert seen["scrolled"] <= seen["width"]
    assert "\\u202e\\x1b[31m" in seen["text"]


_LOOK = """
<script>
const charts = [...document.querySelectorAll("svg")].map(one =>
  [...one.querySelectorAll("g")].map(bar => ({
    width: bar.querySelector("rect").getBoundingClientRect().width,
    right: bar.querySelectorAll("text")[1].getBoundingClientRect().right })));
const seen = { title: document.title, charts, width: document.documentElement.clientWidth,
  scrolled: document.documentElement.scrollWidth, images: document.images.length,
  scripts: document.scripts.length - 1,
  text: [...document.querySelectorAll("svg title")].map(one => one.textContent).join(" ") };
document.body.innerHTML = "<pre id=seen></pre>";
document.getElementById("seen").textContent = JSON.stringify(seen);
</script>
"""


def look_at(page: Path, place: Path) -> Any:
    """What a browser makes of a page: a copy of it that may run the test's own script."""
    assert CHROMIUM is not None
    copy = place / "looked-at.html"
    text = re.sub("<meta http-equiv[^>]*>", "", page.read_text("utf-8"))
    copy.write_text(text.replace("</body>", f"{_LOOK}</body>"), "utf-8")
    line = [
        CHROMIUM,
        *("--headless", "--no-sandbox", "--disable-gpu", "--window-size=1000,2000"),
        *(f"--user-data-dir={place / 'profile'}", "--dump-dom", copy.as_uri()),
    ]
    done = subprocess.run(line, capture_output=True, check=True, timeout=90, text=True)
    (found,) = re.findall('<pre id="seen">(.*?)</pre>', done.stdout, re.DOTALL)
    return json.loads(unescape(found))
