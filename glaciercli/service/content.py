"""The requests that carry content up, without botocore's general machinery.

For a small file that machinery costs more than everything else together: parameters become
headers, and headers an answer, by way of a model and a dozen rounds of events.  What these two
requests need of botocore is its signer, its connections and its reading of refusals, and those
are the client's own: credentials, proxies, certificates and time limits are as it has them.  See
docs/decisions/0004.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from botocore.awsrequest import AWSPreparedRequest, AWSRequest, AWSResponse
from botocore.exceptions import ClientError, ConnectionClosedError
from botocore.parsers import ResponseParserError, create_parser

from glaciercli.ports import Payload
from glaciercli.service.answers import UNREADABLE, Answer
from glaciercli.service.bodies import PacedBody

if TYPE_CHECKING:
    from mypy_boto3_glacier import GlacierClient

_TREE_HASH = "x-amz-sha256-tree-hash"
_ANSWERS_FROM = 200
_REFUSALS_FROM = 300

#: What botocore's reading of a refusal ends in where its body is none of the service's.
_NO_REFUSAL_OF_THE_SERVICE = (ResponseParserError, *UNREADABLE)


class ContentRequests:
    """UploadArchive and UploadMultipartPart over the connections of a client."""

    def __init__(self, client: "GlacierClient") -> None:
        # Untyped: the signer and the endpoint have no public names.  Any other way to them would
        # mean to put credentials, proxies and certificates together once more.
        inner: Any = client
        self._meta = inner.meta
        self._exceptions = inner.exceptions
        self._signer = inner._request_signer  # noqa: SLF001
        self._connections = inner._endpoint.http_session  # noqa: SLF001
        named: dict[str, Any] = {}
        self._meta.events.emit("provide-client-params.glacier.UploadArchive", params=named)
        account = named.get("accountId", "-")
        self._vaults = f"{self._meta.endpoint_url.rstrip('/')}/{account}/vaults"
        self._common = {
            "x-amz-glacier-version": self._meta.service_model.api_version,
            "User-Agent": self._meta.config.user_agent,
        }

    def upload_archive(
        self, vault: str, payload: Payload, body: PacedBody, *, description: str
    ) -> Answer:
        """Send everything in one request; the answer has its members by botocore's names."""
        more = {"x-amz-archive-description": description} if description else {}
        path = f"{vault}/archives"
        said = self._send("UploadArchive", "POST", path, payload, body, more)
        return {
            "archiveId": said.get("x-amz-archive-id"),
            "checksum": said.get(_TREE_HASH),
            "ResponseMetadata": {"HTTPHeaders": said},
        }

    def upload_part(self, vault: str, upload_id: str, payload: Payload, body: PacedBody) -> Answer:
        """Send one part; the answer has its members by botocore's names."""
        span = payload.span
        more = {"Content-Range": f"bytes {span.start}-{span.last}/*"}
        path = f"{vault}/multipart-uploads/{upload_id}"
        said = self._send("UploadMultipartPart", "PUT", path, payload, body, more)
        return {"checksum": said.get(_TREE_HASH)}

    def _send(
        self,
        operation: str,
        method: str,
        path: str,
        payload: Payload,
        body: PacedBody,
        more: Mapping[str, str],
    ) -> Mapping[str, str]:
        """Send a request and return the headers of the answer; raise ``ClientError``."""
        hashes = {
            "x-amz-content-sha256": payload.linear_hash.hex(),
            _TREE_HASH: payload.tree_hash.hex(),
        }
        request = AWSRequest(
            method=method,
            url=f"{self._vaults}/{path}",
            headers={**self._common, **hashes, **more},
            data=body,
            # The answer is read here, where it may turn out to be none.
            stream_output=True,
        )
        self._signer.get_auth_instance("glacier", self._meta.region_name).add_auth(request)
        answer = self._answer(operation, request.prepare())
        if answer.status_code < _ANSWERS_FROM:
            # Word that an answer will follow.  Python hands it out as if it were the answer, so
            # the next request on this connection would get the answer to this one.
            answer.raw.close()
            raise ConnectionClosedError(endpoint_url=self._vaults)
        # Read to its end, so that the connection can serve again.
        content = answer.content
        if answer.status_code >= _REFUSALS_FROM:
            raise self._refusal(operation, answer, content)
        headers: Mapping[str, str] = answer.headers
        return headers

    def _answer(self, operation: str, request: AWSPreparedRequest) -> AWSResponse:
        event = f"before-send.glacier.{operation}"
        for _, answer in self._meta.events.emit(event, request=request):
            if answer is not None:
                return cast("AWSResponse", answer)
        return cast("AWSResponse", self._connections.send(request))

    def _refusal(self, operation: str, answer: AWSResponse, content: bytes) -> ClientError:
        model = self._meta.service_model.operation_model(operation)
        raw = {
            "status_code": answer.status_code,
            "headers": answer.headers,
            "body": content,
            "context": {"operation_name": operation},
        }
        try:
            parsed = create_parser("rest-json").parse(raw, model.output_shape)
        except _NO_REFUSAL_OF_THE_SERVICE:
            # Of something in between: its status says enough.
            status = answer.status_code
            parsed = {
                "Error": {"Code": "", "Message": f"an unreadable answer with status {status}"},
                "ResponseMetadata": {"HTTPStatusCode": status, "HTTPHeaders": answer.headers},
            }
        code = parsed.get("Error", {}).get("Code")
        refusal: ClientError = self._exceptions.from_code(code)(parsed, operation)
        return refusal
