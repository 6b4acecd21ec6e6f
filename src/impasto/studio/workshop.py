"""The workshop: jobs in a queue, painted one after the other by few threads."""

from __future__ import annotations

import logging
import threading
from collections import deque

from impasto.engine import heap
from impasto.errors import OptionError
from impasto.studio.job import Job
from impasto.studio.limits import Limits

log = logging.getLogger("impasto.studio")


class Workshop:
    """The queue, and the threads that paint. workers: paintings at a time."""

    def __init__(self, limits: Limits, workers: int = 1) -> None:
        self.limits = limits
        self._waiting: deque[Job] = deque()
        self._painted: list[Job] = []
        self._news = threading.Condition()
        self._closed = False
        self._threads = [
            threading.Thread(target=self._work, name=f"painter-{i}", daemon=True)
            for i in range(workers)
        ]
        for thread in self._threads:
            thread.start()

    def submit(self, job: Job) -> Job:
        """Put a job into the queue. OptionError where there is no room for it."""
        with self._news:
            self._tidy()
            if len(self._waiting) >= self.limits.waiting and len(self._painted) >= len(
                self._threads
            ):
                raise OptionError(
                    f"{len(self._waiting)} paintings are waiting already, as many as may; "
                    "try again in some minutes"
                )
            own = sum(each.owner == job.owner for each in (*self._waiting, *self._painted))
            if own >= self.limits.own:
                raise OptionError(
                    f"{own} of your paintings are on their way; wait for one, or stop it"
                )
            self._waiting.append(job)
            self._news.notify_all()
        return job

    def position(self, job: Job) -> int:
        """How many are to be painted before it, counting those that are being painted; 0 = none."""
        with self._news:
            self._tidy()
            if job not in self._waiting:
                return 0
            ahead = self._waiting.index(job) + len(self._painted) - len(self._threads) + 1
            return max(ahead, 1)

    def ahead(self, job: Job) -> float | None:
        """Seconds until it is its turn, where it is the next and that is known."""
        with self._news:
            left = [each.left for each in self._painted if each.left is not None]
            if not self._waiting or self._waiting[0] is not job or len(left) < len(self._painted):
                return None
            return min(left, default=None)

    def close(self) -> None:
        """Stop everything."""
        with self._news:
            self._closed = True
            for job in (*self._waiting, *self._painted):
                job.stop()
            self._news.notify_all()
        for thread in self._threads:
            thread.join(timeout=10)

    def _tidy(self) -> None:
        """Jobs that were stopped while they waited leave the queue."""
        for job in [each for each in self._waiting if each.stopping]:
            self._waiting.remove(job)
            job.state = "stopped"
            job.tell()

    def _work(self) -> None:
        while True:
            with self._news:
                self._news.wait_for(lambda: self._waiting or self._closed)
                if self._closed:
                    return
                job = self._waiting.popleft()
                self._painted.append(job)
            try:
                job.run(self.limits.minutes)
            except Exception as error:
                # Whoever waits is told; the thread lives on for the others.
                job.error = f"unexpected {type(error).__name__}; the studio's terminal says more"
                job.state = "failed"
                job.tell()
                log.exception("a painting failed")
            finally:
                with self._news:
                    self._painted.remove(job)
                    self._news.notify_all()
            del job  # with its picture: nothing of it is needed while the next is waited for
            if not self._waiting:
                heap.give_back()
