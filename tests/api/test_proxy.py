"""deploy/nginx.conf: a real nginx with TLS before a real ``nspl-opt serve --behind-proxy``, with shorter limits."""

import re
import shutil
import signal
import socket
import ssl
import subprocess
import time
from pathlib import Path

import httpx
import pytest

from nspl_opt.client import Client, ServiceError
from tests.api.serving import free_port, new_store, serve_command

CONFIGURATION = Path(__file__).resolve().parents[2] / "deploy" / "nginx.conf"


class Proxy:
    """nginx before a port of this machine: started and stopped as a child of the test."""

    def __init__(self, folder: Path, service: int) -> None:
        self.folder, self.port = folder, free_port()
        self.cert = folder / "cert.pem"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
             "-addext", "subjectAltName=DNS:localhost", "-keyout", folder / "key.pem", "-out", self.cert],
            check=True, capture_output=True, timeout=60,
        )  # fmt: skip
        text = CONFIGURATION.read_text(encoding="utf-8")
        for said, meant in (
            ("listen 8443", f"listen 127.0.0.1:{self.port}"),
            ("service:8000", f"127.0.0.1:{service}"),
            ("/run/secrets/tls_certificate", str(self.cert)),
            ("/run/secrets/tls_key", str(folder / "key.pem")),
            ("/tmp/nginx", str(folder / "nginx")),
            ("access_log /dev/stdout", f"access_log {folder}/access.log"),
            ("client_header_timeout 10s", "client_header_timeout 1s"),
            ("client_body_timeout 10s", "client_body_timeout 1s"),
            ("worker_processes auto;", "worker_processes 1; daemon off; master_process off;"),
        ):
            assert said in text, said
            text = text.replace(said, meant)
        self.file = folder / "nginx.conf"
        self.file.write_text(text, encoding="utf-8")
        self.program = shutil.which("nginx") or "/usr/sbin/nginx"
        self.context = ssl.create_default_context(cafile=str(self.cert))
        self.url = f"https://localhost:{self.port}"

    def check(self) -> None:
        done = subprocess.run([self.program, "-t", "-c", self.file], capture_output=True, text=True, timeout=20)
        assert done.returncode == 0 and "test is successful" in done.stderr, done.stderr
        assert "[warn]" not in done.stderr.replace("could not open error log", ""), done.stderr

    def __enter__(self):
        self.child = subprocess.Popen([self.program, "-c", self.file], stderr=subprocess.DEVNULL)
        for _ in range(200):
            with socket.socket() as one:
                if one.connect_ex(("127.0.0.1", self.port)) == 0:
                    return self
            time.sleep(0.05)
        raise AssertionError("nginx does not listen")

    def __exit__(self, *_):
        self.child.send_signal(signal.SIGTERM)
        self.child.wait(20)

    def open(self) -> ssl.SSLSocket:
        return self.context.wrap_socket(
            socket.create_connection(("127.0.0.1", self.port), 30), server_hostname="localhost"
        )

    def client(self, key: str) -> Client:
        return Client(self.url, key, verify=self.context)


@pytest.fixture
def nginx_is_here():
    if not (shutil.which("nginx") or Path("/usr/sbin/nginx").exists()):
        pytest.skip("nginx is not installed: apt-get install nginx-light")


def test_the_service_behind_the_proxy_plans_streams_and_lets_slow_callers_go(tmp_path, planned, nginx_is_here):
    database = f"sqlite:///{tmp_path / 'store.sqlite'}"
    keys = new_store(database)
    options = ("--behind-proxy", "--reference", str(planned.reference))
    with serve_command(tmp_path, database, *options) as (address, _):
        proxy = Proxy(tmp_path, int(address.rpartition(":")[2]))
        proxy.check()
        with proxy, proxy.client(keys["secretariat"]) as lead:
            _plan_with_news(lead, planned)
            _send_slowly(proxy)
            _send_too_much(proxy, keys["secretariat"])
            _pretend_to_be_elsewhere(proxy, address)
    with proxy, proxy.client(keys["secretariat"]) as lead:  # nothing stands behind it any more
        with httpx.Client(verify=proxy.context, trust_env=False) as bare:
            told = bare.get(f"{proxy.url}/health")
        assert (told.status_code, told.headers["retry-after"]) == (503, "2")
        assert told.headers["content-type"] == "application/problem+json" and told.json()["status"] == 503
    logged = (tmp_path / "access.log").read_text()
    assert "nspl_l_" not in logged and "/v1/runs" in logged


def _plan_with_news(lead, planned):
    scenario = lead.add_scenario("many-ill", planned.files)
    model = lead.add_model("national", planned.model)
    states = []
    started = lead.start_run(scenario["id"], model["id"], time_limit_s=5)
    ended = lead.wait(started["id"], lambda _: states.append(lead.read_run(started["id"])["state"]))
    assert ended["state"] == "done", ended
    assert "running" in states  # heard while it went on, not held back until the end


def _send_slowly(proxy):
    begun = b"POST /v1/runs HTTP/1.1\r\nHost: localhost\r\n"
    half_body = begun + b"Content-Type: application/json\r\nContent-Length: 400\r\n\r\n{"
    opened = []
    for sent in (b"", begun, half_body):
        slow = proxy.open()
        slow.sendall(sent)
        opened.append(slow)
    for slow in opened:
        slow.settimeout(20)
        try:
            told = slow.recv(65536)
        except ConnectionResetError:
            told = b""
        assert told == b"" or re.match(rb"HTTP/1.1 408 ", told), told[:200]
        slow.close()


def _send_too_much(proxy, key):
    with httpx.Client(verify=proxy.context, trust_env=False) as bare:
        told = bare.post(f"{proxy.url}/v1/scenarios", content=b" " * 2_000_000,
                         headers={"Authorization": f"Bearer {key}", "Content-Type": "application/json"})  # fmt: skip
    assert (told.status_code, told.headers["content-type"]) == (413, "application/problem+json")
    with proxy.client("nspl_l_000000000000_wrong") as stranger, pytest.raises(ServiceError) as refused:
        stranger.plans()
    assert refused.value.status == 401


def _pretend_to_be_elsewhere(proxy, address):
    """Failures are counted by the address that the proxy saw, whatever the caller says of itself."""
    statuses = set()
    with httpx.Client(verify=proxy.context, trust_env=False) as bare:
        for number in range(60):
            headers = {"X-Forwarded-For": f"198.51.100.{number}", "Authorization": f"Bearer nspl_l_{number:012x}_x"}
            statuses.add(bare.get(f"{proxy.url}/v1/plans", headers=headers).status_code)
    assert statuses == {401, 429}
