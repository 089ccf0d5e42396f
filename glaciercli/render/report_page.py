"""The report of a vault as a page: one file, which asks for nothing else and runs nothing.

Whatever comes from outside passes `_safe`; a policy in the page forbids scripts, images and every
request all the same.
"""

from collections.abc import Iterator, Sequence
from html import escape

from glaciercli.core.pricing import Cost
from glaciercli.core.text import printable
from glaciercli.model.breakdowns import Share
from glaciercli.operations.report import VaultReport
from glaciercli.render import humanise, money, words
from glaciercli.render.bar_chart import Bar, chart
from glaciercli.render.views import report as view

_STYLE = """
:root { color-scheme: light dark; --ink: #1c2733; --dim: #5b6b7b; --line: #d5dde5;
  --bar: #2f6fab; --back: #fff; }
@media (prefers-color-scheme: dark) { :root { --ink: #e4ebf2; --dim: #9fb0c0; --line: #37444f;
  --bar: #5b9bd5; --back: #12181e; } }
body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--back);
  max-width: 60rem; margin: 2rem auto; padding: 0 1rem; overflow-wrap: anywhere; }
h1 { margin-bottom: 0; } h2 { margin-top: 2.5rem; } .dim { color: var(--dim); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; overflow-wrap: normal; }
th, td { text-align: left; padding: .35rem .8rem .35rem 0; border-bottom: 1px solid var(--line);
  vertical-align: top; }
td.number, th.number { text-align: right; }
svg { width: 100%; height: auto; margin-top: 1rem; font: 14px system-ui, sans-serif; }
svg text { fill: var(--ink); } svg .label { text-anchor: end; fill: var(--dim); }
svg .bar { fill: var(--bar); }
li { margin: .4rem 0; }
"""

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def page(result: VaultReport) -> Iterator[str]:
    """Yield the lines of the page."""
    title = f"Vault {result.vault.name}"
    yield "<!doctype html>"
    yield '<html lang="en"><head><meta charset="utf-8">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>{_safe(title)}</title><style>{_STYLE}</style></head><body>"
    yield f"<h1>{_safe(title)}</h1>"
    yield from _head(result)
    yield from _costs(result)
    yield from _charts(result)
    yield from _blockers(result)
    yield from _prices(result)
    yield "</body></html>"


def _head(result: VaultReport) -> Iterator[str]:
    inventory = humanise.moment(result.inventory_date)
    yield (
        f'<p class="dim">{_safe(result.region)}; made {humanise.moment(result.made_at)}; '
        f"last inventory {inventory}</p>"
    )
    yield f"<p>{_safe(words.total(result.count, result.size_bytes))}, all versions.</p>"


def _costs(result: VaultReport) -> Iterator[str]:
    yield "<h2>What it costs a month</h2>"
    rows = [("here", money.cell(result.storing), "", "", "90 days")]
    rows += [
        (
            view.CLASS_NAMES[one.storage.value],
            money.cell(one.storing),
            money.cell(one.moving),
            view.paid_back(one),
            f"{one.storage.least_days} days",
        )
        for one in result.classes
    ]
    head = ("where", "a month", "moving once, bulk", "paid back", "paid for at least")
    yield from _table(head, rows)
    yield from chart("What it costs a month", list(_cost_bars(result)))
    yield "<h2>Bringing all of it here</h2>"
    quotes = [
        (
            one.tier.value.lower(),
            humanise.span(one.delay),
            money.cell(one.preparing),
            money.cell(one.moving),
            money.cell(one.cost),
        )
        for one in result.quotes
    ]
    yield from _table(("tier", "ready within", "retrieval", "transfer out", "in all"), quotes)
    yield "<h2>Deleting it now</h2>"
    told = list(money.fee_lines(result.deleting)) or ["Nothing is younger than 90 days: $0.00."]
    yield from (f"<p>{_safe(one)}</p>" for one in told)


def _cost_bars(result: VaultReport) -> Iterator[Bar]:
    """Yield a bar for each place whose price is known."""
    yield from _cost_bar("here", result.storing)
    for one in result.classes:
        yield from _cost_bar(view.CLASS_NAMES[one.storage.value], one.storing)


def _cost_bar(label: str, cost: Cost) -> Iterator[Bar]:
    if cost.usd is not None:
        yield Bar(label=label, value=int(cost.usd * 1_000_000), words=money.dollars(cost.usd))


def _charts(result: VaultReport) -> Iterator[str]:
    for title, shares in view.charts(result):
        yield f"<h2>What is in it, {_safe(title)}</h2>"
        bars = [
            Bar(label=label, value=share.size_bytes, words=words.total(*_pair(share)))
            for label, share in shares
            if share.count
        ]
        yield from chart(title, bars) if bars else ["<p>Nothing.</p>"]


def _pair(share: Share) -> tuple[int, int]:
    return share.count, share.size_bytes


def _blockers(result: VaultReport) -> Iterator[str]:
    yield "<h2>What a move has to mind</h2>"
    if not result.blockers:
        yield "<p>Nothing is known that stands in the way.</p>"
        return
    yield "<ul>"
    for one in result.blockers:
        them = "" if one.archives is None else f"{humanise.count(one.archives, 'archive')}: "
        yield (f'<li>{_safe(them + one.says)}<br><span class="dim">{_safe(one.hint)}</span></li>')
    yield "</ul>"


def _prices(result: VaultReport) -> Iterator[str]:
    yield "<h2>The prices</h2>"
    if not result.deleting.billed:
        yield f"<p>{_safe(money.UNBILLED)}.</p>"
    rows = [
        (one.row, money.price(one.usd), one.unit, one.as_of or "undated", one.source, one.note)
        for one in view.prices(result)
    ]
    missing = money.missing_lines(view.costs(result))
    yield from (f"<p>{_safe(one)}.</p>" for one in missing)
    yield from _table(("row", "US dollars", "for a", "as of", "source", "note"), rows)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield '<div class="scroll"><table><thead><tr>'
    yield from (f"<th>{_safe(one)}</th>" for one in head)
    yield "</tr></thead><tbody>"
    for row in rows:
        yield "<tr>" + "".join(f"<td>{_safe(cell)}</td>" for cell in row) + "</tr>"
    yield "</tbody></table></div>"


def _safe(text: str) -> str:
    return escape(printable(text))
