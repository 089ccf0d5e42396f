"""Readers of the answers of a service.

A case begins with a line that says which call it answers.  Then come lines such as those of HTTP:
the status, the fields of the head, a blank line, the body.
"""

from collections.abc import Callable, Mapping
from functools import cache

from glaciercli import errors
from glaciercli.model.jobs import Tier
from glaciercli.model.ranges import ByteRange
from glaciercli.service import session
from glaciercli.service.glacier import GlacierService
from glaciercli.service.pacing import Pace, Turns
from glaciercli.service.retry import Retrier, RetryPolicy
from tests.fakes import MovedClock
from tests.fuzz.parser import Parser
from tests.service.misbehaving import START, Reply, Scripted, Switch, endpoint
from tests.service.payloads import MemoryPayload

_ONCE = RetryPolicy(budget_s=-1, first_contact_budget_s=-1, unasked_budget_s=-1)

_PAYLOAD = MemoryPayload(b"content")

_CALLS: Mapping[str, Callable[[GlacierService], object]] = {
    "list-vaults": lambda one: list(one.list_vaults()),
    "describe-vault": lambda one: one.describe_vault("photos"),
    "list-jobs": lambda one: list(one.list_jobs("photos")),
    "describe-job": lambda one: one.describe_job("photos", "JOB"),
    "start-inventory": lambda one: one.start_inventory("photos", description="d"),
    "start-retrieval": lambda one: one.start_retrieval(
        "photos", "ID", tier=Tier.BULK, description="d"
    ),
    "upload-archive": lambda one: one.upload_archive("photos", _PAYLOAD, description="d"),
    "initiate-upload": lambda one: one.initiate_upload("photos", part_bytes=2**20, description=""),
    "upload-part": lambda one: one.upload_part("photos", "UPLOAD", _PAYLOAD),
    "list-parts": lambda one: list(one.list_parts("photos", "UPLOAD")),
    "list-uploads": lambda one: list(one.list_uploads("photos")),
    "complete-upload": lambda one: one.complete_upload(
        "photos", "UPLOAD", size_bytes=7, tree_hash=_PAYLOAD.tree_hash
    ),
    "delete-archive": lambda one: one.delete_archive("photos", "ID"),
    "read-output": lambda one: one.read_output(
        "photos", "JOB", span=ByteRange(0, 7), take=lambda found: list(found.pieces)
    ),
    "read-whole-output": lambda one: one.read_output(
        "photos", "JOB", span=None, take=lambda found: list(found.pieces)
    ),
    "tags": lambda one: one.settings.tags("photos"),
    "access-policy": lambda one: one.settings.access_policy("photos"),
    "lock": lambda one: one.settings.lock("photos"),
    "start-lock": lambda one: one.settings.start_lock("photos", "{}"),
    "notifications": lambda one: one.settings.notifications("photos"),
    "retrieval-policy": lambda one: one.settings.retrieval_policy(),
    "capacity": lambda one: one.settings.capacity(),
    "buy-capacity": lambda one: one.settings.buy_capacity(),
}


@cache
def _service() -> tuple[GlacierService, Switch]:
    switch, clock = Switch(), MovedClock(START)
    client = session.connect_in_process(switch, endpoint())
    retrier = Retrier(
        clock,
        policy=_ONCE,
        turns=Turns(8, clock),
        random=lambda: 0.0,
        heard=lambda _failure, _pause: None,
    )
    return GlacierService(client, retrier, Pace(clock)), switch


def read_answer(data: bytes) -> object:
    """Read an answer as the call that it is for does."""
    call, _, rest = data.partition(b"\n")
    head, _, body = rest.partition(b"\n\n")
    status, *fields = head.decode("latin-1").split("\n")
    named = (field.partition(": ") for field in fields)
    reply = Reply(
        status=_status(status),
        headers={name: value for name, _, value in named if name},
        body=body,
    )
    service, switch = _service()
    switch.application = Scripted(reply)
    return _CALLS.get(call.decode("latin-1"), _CALLS["list-jobs"])(service)


def _status(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) == len("200") else 200


PARSERS = (Parser(name="answers", read=read_answer, declared=(errors.GlacierCliError,), cases=250),)
