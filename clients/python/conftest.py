"""Starts Waymark with sample data for the tests, on ports and in a folder of its own."""

import os
import random
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from functools import cache

import pytest


def free_port() -> int:
    """A port that nobody uses, below those that the system gives to any connection meanwhile, if there is room."""
    try:
        with open("/proc/sys/net/ipv4/ip_local_port_range", encoding="ascii") as ephemeral:
            end = int(ephemeral.read().split()[0])
    except OSError:
        end = 0
    for _ in range(100):
        with socket.socket() as listener:
            try:
                listener.bind(("127.0.0.1", random.randrange(10_000, end) if end >= 11_000 else 0))
            except OSError:
                continue
            return listener.getsockname()[1]
    raise RuntimeError("100 ports in a row are in use")


class Service:
    """A running `waymark dev`: one process with SQLite and its own broker."""

    def __init__(self, binary: str) -> None:
        self.binary = binary
        self.folder = tempfile.mkdtemp(prefix="waymark-python-")
        self.log = open(os.path.join(self.folder, "log"), "wb")
        address = f"127.0.0.1:{free_port()}"
        self.url = f"http://{address}/graphql"
        self.socket_url = f"ws://{address}/graphql/ws"
        self.health = f"http://{address}/health/ready"
        self.brokers = f"127.0.0.1:{free_port()}"
        arguments = ["dev", "--data", self.folder, "--listen", address, "--kafka-listen", self.brokers]
        self.process = subprocess.Popen([binary, *arguments], stdout=self.log, stderr=subprocess.STDOUT)

    def is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(self.health, timeout=5) as response:
                return response.status == 200
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False

    def is_alive(self) -> bool:
        return self.process.poll() is None and self.is_ready()

    @cache
    def token(self, persona: str) -> str:
        """A token of `engineer` (Mira), `manager` (Tomas) or `admin` (Noor)."""
        command = [self.binary, "token", persona, "--data", self.folder]
        return subprocess.run(command, capture_output=True, check=True, text=True).stdout.strip()

    def headers(self, persona: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token(persona)}"}

    def output(self) -> str:
        with open(self.log.name, encoding="utf-8", errors="replace") as log:
            return log.read()

    def end(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()
        shutil.rmtree(self.folder)


@pytest.fixture(scope="session")
def service():
    binary = os.environ.get("WAYMARK_BIN") or pytest.exit("WAYMARK_BIN is missing: run these tests by `cargo xtask test`", 2)
    running = Service(binary)
    try:
        end = time.monotonic() + 60
        while not running.is_ready():
            assert running.process.poll() is None, running.output()
            assert time.monotonic() < end, "not ready within 60 s"
            time.sleep(0.05)
        yield running
    finally:
        running.end()
