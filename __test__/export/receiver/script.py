"""The answers that are still to be given, and the log of what came: shared by all servers."""

import collections
import json
import sys
import threading
import time

from .decode import brief, first_span_name, plain

OK = {}


class Script:
    """Answers by signal, first in, first out; where there are none left, what is said otherwise."""

    def __init__(self, is_brief):
        self.is_brief = is_brief
        self._lock = threading.Lock()
        self._answers = {"metrics": collections.deque(), "traces": collections.deque()}
        self._otherwise = {"metrics": OK, "traces": OK}

    def put(self, signal, answers, otherwise):
        """Answers from now on with these, each `times` times, instead of what was planned."""
        with self._lock:
            self._otherwise[signal] = otherwise
            self._answers[signal] = collections.deque(
                answer for answer in answers for _ in range(answer.get("times", 1))
            )

    def next(self, signal, first_name):
        """The next answer that is for any request, or for one whose first span has that name."""
        with self._lock:
            planned = self._answers[signal]
            for answer in planned:
                if answer.get("span", first_name) == first_name:
                    planned.remove(answer)
                    return answer
            return self._otherwise[signal]

    def received(self, protocol, signal, headers, wire_bytes, message, problems):
        """Tells the test of a request, before it is answered; the answer that is planned."""
        answer = self.next(signal, None if message is None else first_span_name(signal, message))
        entry = {"protocol": protocol, "signal": signal, "atMs": time.time() * 1000}
        entry |= {"headers": headers, "wireBytes": wire_bytes, "problems": problems[:20]}
        entry |= {"answer": answer}
        if message is not None:
            entry |= brief(signal, message)
            if not self.is_brief:
                entry["message"] = plain(message)
        self.tell({"request": entry})
        return answer

    def tell(self, line):
        text = json.dumps(line)
        with self._lock:
            sys.stdout.write(text + "\n")
            sys.stdout.flush()
