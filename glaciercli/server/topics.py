"""The ARNs of Amazon SNS topics, to which the ends of jobs are told."""

import re

from glaciercli.server.wire import invalid

_TOPIC = re.compile(r"arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,256}(\.fifo)?")


def check_topic(topic: str) -> None:
    """Refuse what is no ARN of a topic; whether the topic exists is nobody's question."""
    if not _TOPIC.fullmatch(topic):
        raise invalid(f"Invalid SNS topic ARN: {topic}")
