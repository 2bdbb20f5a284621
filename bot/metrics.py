"""What is counted and measured, for Prometheus. Labels are platforms, kinds and outcomes: never ids, never words."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from sqlmodel import Session, col, func, select

from storage import deadlines
from storage.outbox import UNSETTLED, WAITING
from storage.tables import Evidence, Outbox

MEDIA = "text/plain; version=0.0.4; charset=utf-8"
COMMIT_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10)
SENT_SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 300, 3600)


@dataclass(frozen=True)
class Backlog:
    """What waits in the database; ages in seconds."""

    outbox: Mapping[str, int]
    oldest: float
    overdue: float
    evidence: int


def backlog(session: Session, now: datetime) -> Backlog:
    """Read what waits: three looks at partial indexes, however much has been settled."""
    unsettled = select(Outbox.state, func.count()).where(col(Outbox.state).in_(UNSETTLED)).group_by(Outbox.state)
    oldest = session.exec(select(func.min(Outbox.created_at)).where(col(Outbox.state) == WAITING)).one()
    fetching = select(func.count()).select_from(Evidence).where(col(Evidence.state) == WAITING)
    return Backlog(
        {"waiting": 0, "claimed": 0} | {str(state): count for state, count in session.exec(unsettled)},
        _age(oldest, now),
        _age(deadlines.nearest(session), now),
        session.exec(fetching).one(),
    )


def _age(since: datetime | None, now: datetime) -> float:
    return max((now - since).total_seconds(), 0.0) if since is not None else 0.0


class Metrics:
    """The figures of one bot, in a registry of its own. Counting is safe from any thread."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.events = self._counter("events", "What came in, by what became of it", "platform", "kind", "result")
        self.refused = self._counter("refused_requests", "Posts with a wrong signature or secret", "platform")
        self.sends = self._counter("sends", "Calls to a platform, by how they ended", "platform", "outcome")
        self.revived = self._counter("revived", "Connections replaced because they were silent", "platform")
        self.restarted = self._counter("restarted", "Loops that ended by an error and were started again", "loop")
        self.stuck = self._counter(
            "chain_findings", "Steps that should have been taken and were not, once each", "what"
        )
        self.absences = self._counter("absences", "Times when nobody was here for more than two minutes")
        self.commit = self._histogram("commit_seconds", "From an event's arrival to its commit", COMMIT_SECONDS)
        self.sent = self._histogram("sent_seconds", "From the commit of a message to its delivery", SENT_SECONDS)
        self._outbox = self._gauge("outbox_rows", "Calls that are to be made", "state")
        self._oldest = self._gauge("outbox_oldest_seconds", "How long the oldest waiting call has waited")
        self._overdue = self._gauge("deadline_overdue_seconds", "How late the earliest promise or reminder is")
        self._evidence = self._gauge("evidence_waiting", "Files that are to be fetched")
        self._heard = self._gauge("heard_seconds", "Since the platform last answered on the way in", "platform")
        self._up = self._gauge("database_up", "Whether the database answered this scrape")
        self._gauge("start_time_seconds", "When the process started, in Unix time").set(time.time())
        self._gauge("build_info", "The running version", "version").labels(build()).set(1)

    def _counter(self, name: str, what: str, *labels: str) -> Counter:
        return Counter(f"tryggvag_{name}", what, labels, registry=self.registry)

    def _gauge(self, name: str, what: str, *labels: str) -> Gauge:
        return Gauge(f"tryggvag_{name}", what, labels, registry=self.registry)

    def _histogram(self, name: str, what: str, buckets: tuple[float, ...]) -> Histogram:
        return Histogram(f"tryggvag_{name}", what, registry=self.registry, buckets=buckets)

    def took_in(self, platform: str, kind: str, result: str, seconds: float) -> None:
        """An event met the door. `result`: taken, refused, kept, or busy when the database did not take it."""
        self.events.labels(platform, kind, result).inc()
        if result != "busy":
            self.commit.observe(seconds)

    def sent_out(self, platform: str, outcome: str, seconds: float) -> None:
        """A call ended. `outcome`: delivered, failed, uncertain, waiting for another try, or carried by another row."""
        self.sends.labels(platform, outcome).inc()
        if outcome == "delivered":
            self.sent.observe(seconds)

    def page(self, waiting: Backlog | None, heard: Mapping[str, float]) -> bytes:
        """Everything, as Prometheus reads it. Without `waiting` the database did not answer."""
        self._up.set(waiting is not None)
        if waiting is not None:
            for state, count in waiting.outbox.items():
                self._outbox.labels(state).set(count)
            self._oldest.set(waiting.oldest)
            self._overdue.set(waiting.overdue)
            self._evidence.set(waiting.evidence)
        self._heard.clear()
        for platform, seconds in heard.items():
            self._heard.labels(platform).set(seconds)
        return generate_latest(self.registry)


def build() -> str:
    """The version of the program."""
    try:
        return version("tryggvag")
    except PackageNotFoundError:  # run from a folder that was never installed
        return "unknown"
