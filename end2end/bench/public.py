"""Public pages that are kept: how long it takes to the first byte of one, and what a client is spared that has it already.

One connection asks for one page after the other, as a browser does; the time is from the request's last byte to the answer's first.
The goal is 5 ms for 99 of 100. There is no peer: what is compared are pages that are kept and a page of the same site that is kept by
nobody and rendered each time, the sign-in.
"""

import os
import socket
import subprocess
import tempfile
import time

import bench
from bench import Bench, need, serving, tree_cpu

ASKED = 3000
RENDERED = 300
HOST = "sheaf.example"
PAGES = ("/", "/pricing", "/docs")
# Of the public pages one that is rendered for whoever asks.
NOT_KEPT = "/sign-in"


def main():
    need(bench.SHEAF, "Sheaf's release build (make release)")
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="sheaf-bench.") as data:
        environment = os.environ | {
            "SHEAF_DATA": data,
            "SHEAF_ADDRESS": f"127.0.0.1:{port}",
            "SHEAF_URL": f"https://{HOST}",
            "SHEAF_LOG": "warn",
            "RUST_BACKTRACE": "0",
        }
        options = {"env": environment, "stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL}
        with serving([bench.SHEAF, "all"], lambda: answers(port), **options) as process:
            measure(Bench("public", asked=ASKED), port, process.pid)


def measure(results, port, pid):
    client = Client(port)
    for page in PAGES:
        client.get(page, HOST)
    # The process has a worker and a database too, whose idle work is a part of neither figure worth telling.
    kept = [client.get(PAGES[number % len(PAGES)], HOST) for number in range(ASKED)]
    rendered = [client.get(NOT_KEPT, HOST) for _ in range(RENDERED)]
    before = tree_cpu(pid)
    tag = client.get("/docs", HOST).etag
    known = [client.get("/docs", HOST, tag) for _ in range(ASKED)]
    cpu = tree_cpu(pid) - before
    whole = client.get("/docs", HOST)
    if any(answer.status != 304 for answer in known) or whole.status != 200:
        raise SystemExit("a page that the client has was sent again")
    # A server that begins to listen takes what it has for purged, once.
    if sum(not answer.is_kept for answer in kept) > len(PAGES):
        raise SystemExit("pages that are kept were rendered")
    if any(answer.status != 200 or answer.is_kept for answer in rendered):
        raise SystemExit(f"{NOT_KEPT} was not rendered each time")
    for name, answers_ in (("kept", kept), ("rendered", rendered), ("known", known)):
        times = sorted(answer.seconds for answer in answers_)
        results.figure(f"{name}.p50", percentile(times, 50) * 1000, "ms to the first byte")
        results.figure(f"{name}.p99", percentile(times, 99) * 1000, "ms to the first byte")
    results.figure("known.cpu", cpu / ASKED * 1e6, "us CPU/request")
    results.figure("whole.bytes", whole.bytes, "bytes, brotli")
    results.figure("known.bytes", known[0].bytes, "bytes")
    times = sorted(answer.seconds for answer in kept)
    results.ratio("first_byte", percentile(times, 99) * 1000, "ms, p99 of a page that is kept", "<= 5")
    results.write()


class Answer:
    def __init__(self, head, body, seconds):
        lines = head.decode("latin-1").split("\r\n")
        self.status = int(lines[0].split(" ")[1])
        self.headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
        self.etag = self.headers.get("etag", "")
        self.is_kept = self.headers.get("cache-status", "").startswith("sheaf; hit")
        self.bytes = len(head) + 4 + len(body)
        self.seconds = seconds


class Client:
    """One connection that stays open."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def get(self, page, host, tag=""):
        known = f"If-None-Match: {tag}\r\n" if tag else ""
        request = f"GET {page} HTTP/1.1\r\nHost: {host}\r\nAccept-Encoding: gzip, br, zstd\r\n{known}\r\n".encode()
        begun = time.perf_counter()
        self.socket.sendall(request)
        received = self.socket.recv(65536)
        seconds = time.perf_counter() - begun
        while b"\r\n\r\n" not in received:
            received += self.receive()
        head, _, body = received.partition(b"\r\n\r\n")
        answer = Answer(head, body, seconds)
        length = int(answer.headers.get("content-length", 0)) if answer.status == 200 else 0
        while len(body) < length:
            body += self.receive()
        # What is pressed on its way comes in chunks, the last of which is empty.
        while "transfer-encoding" in answer.headers and not body.endswith(b"0\r\n\r\n"):
            body += self.receive()
        return Answer(head, body, seconds)

    def receive(self):
        return self.socket.recv(65536) or die()


def die():
    raise SystemExit("the server has closed the connection")


def percentile(times, percent):
    return times[min(len(times) - 1, len(times) * percent // 100)]


def answers(port):
    try:
        return Client(port).get("/livez", HOST).status == 200
    except OSError:
        return False


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


if __name__ == "__main__":
    main()
