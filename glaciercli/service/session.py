"""One boto3 client, made for long transfers and for our own retries."""

from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
import botocore.session
from botocore.config import Config
from botocore.hooks import HierarchicalEmitter
from botocore.loaders import Loader

from glaciercli import __version__, errors
from glaciercli.ports import WireApplication
from glaciercli.service.in_process import answer_in_process
from glaciercli.service.translate import translated

if TYPE_CHECKING:
    from mypy_boto3_glacier import GlacierClient

#: A request that makes no progress for this long is given up and repeated, in seconds.
_STALL_S = 60.0

_USER_AGENT = f"glaciercli/{__version__}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Where the service is and who asks it; ``None`` leaves a choice to boto3's own chain."""

    region: str | None = None
    profile: str | None = None
    url: str | None = None
    account: str | None = None
    access_key: str | None = None
    secret_key: str | None = None
    connections: int = 10
    stall_s: float = _STALL_S


def connect(endpoint: Endpoint) -> "GlacierClient":
    """Return a client that sends requests over the network."""
    with translated(), _checked(endpoint):
        session = boto3.Session(
            botocore_session=_botocore_session(),
            profile_name=endpoint.profile,
            region_name=endpoint.region,
        )
        client = session.client(
            "glacier",
            endpoint_url=endpoint.url,
            aws_access_key_id=endpoint.access_key,
            aws_secret_access_key=endpoint.secret_key,
            config=Config(
                retries={"total_max_attempts": 1, "mode": "standard"},
                # It also bounds how long a block of 128 KiB may take on its way out: with less,
                # a slow line would never get a part across.
                connect_timeout=endpoint.stall_s,
                read_timeout=endpoint.stall_s,
                max_pool_connections=endpoint.connections,
                # Half of what a small request costs: botocore checks what the types say anyway,
                # and puts its own user agent together anew for each request.
                parameter_validation=False,
                user_agent=_USER_AGENT,
            ),
        )
    if endpoint.account is not None:
        _use_account(client, endpoint.account)
    return client


class _OnceLoader(Loader):
    """What reads botocore's descriptions of services, each once in a process.

    They take most of the time in which a client is made, and never change.
    """

    @property
    def search_paths(self) -> list[str]:
        """A list of the caller's own: each session of boto3 adds the same directory again."""
        return list(super().search_paths)


@cache
def _loader() -> Loader:
    return _OnceLoader()


@cache
def _handlers() -> HierarchicalEmitter:
    """Return what botocore itself listens with to what its clients do: it is always the same.

    To register these 127 handlers takes longer than a request.
    """
    emitter = HierarchicalEmitter()
    botocore.session.Session(event_hooks=emitter)
    return emitter


def _botocore_session() -> botocore.session.Session:
    session = botocore.session.Session(
        event_hooks=copy(_handlers()), include_builtin_handlers=False
    )
    if session.get_config_variable("data_path") is None:
        session.register_component("data_loader", _loader())
    return session


def connect_in_process(application: WireApplication, endpoint: Endpoint) -> "GlacierClient":
    """Return a client whose requests an application in this process answers."""
    client = connect(endpoint)
    answer_in_process(client, application)
    return client


@contextmanager
def _checked(endpoint: Endpoint) -> Iterator[None]:
    try:
        yield
    except ValueError as error:
        # botocore's word for a URL that is none.
        raise errors.BadUsage(
            f'"{endpoint.url}" is no endpoint: {error}',
            hint="an endpoint looks like https://host or http://127.0.0.1:8080",
        ) from error


def where(client: "GlacierClient") -> tuple[str, str]:
    """Return the endpoint and the region that a client talks to."""
    return client.meta.endpoint_url, client.meta.region_name


def _use_account(client: "GlacierClient", account: str) -> None:
    """Name the account in every request; botocore's own default is ``-``, the caller's."""

    def name_account(params: dict[str, Any], **_: Any) -> None:
        params.setdefault("accountId", account)

    client.meta.events.register_first("provide-client-params.glacier.*", name_account)
