"""For machines: is it alive, is it ready, and how is it doing."""

import hmac
from collections.abc import Iterator

from flask import Blueprint, Response, current_app, jsonify, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from portal.domain.errors import NotAllowed
from portal.extensions import db
from portal.services import heartbeats, messages
from portal.web import guards

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
@guards.public_view
def check_liveness() -> Response:
    """The process answers; nothing else is looked at."""
    return Response("ok\n", mimetype="text/plain")


@blueprint.get("/readyz")
@guards.public_view
def check_readiness() -> tuple[Response, int]:
    """503 without a database. A late job is named, and leaves the pages ready."""
    found = heartbeats.check_readiness(db.session, now=guards.request_time())
    jobs = {beat.job: beat.state for beat in found.jobs}
    return jsonify(database="ok" if found.database else "down", jobs=jobs), 200 if found.database else 503


@blueprint.get("/metrics")
@guards.public_view
def show_metrics() -> Response:
    """Prometheus text for the bearer of METRICS_TOKEN; without a token only in a demo."""
    _check_token()
    registry = CollectorRegistry(auto_describe=False)
    registry.register(MessageCollector())
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _check_token() -> None:
    config = current_app.config["PORTAL"]
    given = request.headers.get("Authorization", "")
    if config.metrics_token is None:
        allowed = config.env == "demo"
    else:
        allowed = hmac.compare_digest(given.encode(), f"Bearer {config.metrics_token}".encode())
    if not allowed:
        raise NotAllowed


class MessageCollector(Collector):
    """Read when scraped: every process gives the same answer."""

    def collect(self) -> Iterator[Metric]:
        now = guards.request_time()
        tally = messages.count_messages(db.session, now=now)
        states = GaugeMetricFamily("portal_messages", "Texts in the ledger", labels=["kind", "state"])
        for (kind, state), number in sorted(tally.states.items()):
            states.add_metric([kind, state], number)
        yield states
        yield GaugeMetricFamily(
            "portal_messages_oldest_due_seconds", "How long the longest due text waits", value=tally.oldest_due_seconds
        )
        yield GaugeMetricFamily(
            "portal_messages_uncertain", "Texts called again after a call without a known end", value=tally.uncertain
        )
        yield GaugeMetricFamily(
            "portal_inbound_unread", "Texts from participants that nobody has read", value=tally.unread
        )
        late = GaugeMetricFamily("portal_job_late", "1 when a job has not run to its end in time", labels=["job"])
        ended = GaugeMetricFamily(
            "portal_job_finished_timestamp_seconds", "When a job last ran to its end", labels=["job"]
        )
        for beat in heartbeats.list_heartbeats(db.session, now=now):
            late.add_metric([beat.job], beat.state != "on-time")
            if beat.finished_at:
                ended.add_metric([beat.job], beat.finished_at.timestamp())
        yield late
        yield ended
