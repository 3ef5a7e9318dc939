"""The files in deploy/: they are valid, agree with the app, and the proxy does what they say."""

import contextlib
import http.server
import re
import shutil
import threading
import time
from collections.abc import Iterator

import httpx
import kubernetes_validate
import pytest
import yaml

from benchmarks.replicas import CADDYFILE, proxy
from pad.allowed import ALLOWED
from pad.settings import PREFIX, Settings
from tests.helpers import ROOT

DEPLOY = ROOT / "deploy"
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
RESOURCES = list(yaml.safe_load_all((DEPLOY / "kubernetes.yaml").read_text()))
#: Seconds until the proxy has noticed that a replica drains: some intervals of its health checks, on a busy machine.
NOTICED = 5
needs_caddy = pytest.mark.skipif(not shutil.which("caddy"), reason="needs caddy")


def resource(kind: str, name: str = "digit-pad") -> dict:
    """Return the specification of a resource in kubernetes.yaml."""
    (found,) = (each for each in RESOURCES if (each["kind"], each["metadata"]["name"]) == (kind, name))
    return found["spec"]


def stateless_paths() -> list[str]:
    """Return the paths that the Caddyfile sends to any replica."""
    return re.search(r"@stateless path (.*)", CADDYFILE.read_text())[1].split()


@pytest.mark.parametrize("document", RESOURCES, ids=lambda each: f"{each['kind']}-{each['metadata']['name']}")
def test_kubernetes_resources_match_the_published_schemas(document):
    kubernetes_validate.validate(document, kubernetes_validate.latest_version(), strict=True)


def test_an_invalid_resource_is_noticed():
    service = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "x"}, "spec": {"portz": []}}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(service, kubernetes_validate.latest_version(), strict=True)


def test_kubernetes_resources_refer_to_each_other():
    deployment = resource("Deployment")
    labels = deployment["template"]["metadata"]["labels"].items()
    (container,) = deployment["template"]["spec"]["containers"]
    ports = {port["name"] for port in container["ports"]}
    assert resource("PodDisruptionBudget")["selector"]["matchLabels"].items() <= labels
    assert resource("HorizontalPodAutoscaler")["scaleTargetRef"]["name"] == "digit-pad"
    (rule,) = resource("Ingress")["rules"]
    for path in rule["http"]["paths"]:
        service = resource("Service", path["backend"]["service"]["name"])
        assert service["selector"].items() <= labels
        assert {port["targetPort"] for port in service["ports"]} <= ports


def environments() -> list[dict[str, str]]:
    """Return the environments of the replicas."""
    (container,) = resource("Deployment")["template"]["spec"]["containers"]
    return [
        {variable["name"]: variable["value"] for variable in container["env"]},
        *(service["environment"] for name, service in COMPOSE["services"].items() if name.startswith("replica")),
    ]


def test_replicas_have_valid_settings_that_share_the_limits(monkeypatch):
    for environment in environments():
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        settings = Settings()
        assert settings.limits_storage.startswith("valkey://")
        assert settings.drain_seconds == 3
        ours = {name.removeprefix(PREFIX).lower() for name in environment if name.startswith(PREFIX)}
        assert ours <= Settings.model_fields.keys()


def test_proxy_of_compose_knows_all_replicas():
    services = COMPOSE["services"]
    replicas = [name for name in services if name.startswith("replica")]
    assert len(replicas) >= 2
    assert services["proxy"]["environment"]["UPSTREAMS"].split() == [f"{name}:7860" for name in replicas]
    assert set(services["proxy"]["depends_on"]) == set(replicas)


def test_any_replica_answers_the_same_paths_in_both():
    (rule,) = resource("Ingress")["rules"]
    paths = [path["path"] for path in rule["http"]["paths"] if path["backend"]["service"]["name"] == "digit-pad"]
    assert {path for path in stateless_paths() if path not in paths and not path.startswith("/read/")} == set()
    assert all(ALLOWED.fullmatch(path) for path in stateless_paths())


class Replica(http.server.ThreadingHTTPServer):
    """Stands for a replica: answers with its number, with 503 to health checks while it drains."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.rfile.read(int(self.headers.get("content-length", 0)))
            body = f"{self.server.number} {self.headers.get('x-forwarded-for')}".encode()
            self.send_response(503 if self.server.draining and self.path == "/readyz" else 200)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET

        def log_message(self, *_):
            pass

    def __init__(self, number: int):
        super().__init__(("127.0.0.1", 0), self.Handler)
        self.number, self.draining = number, False


@contextlib.contextmanager
def replicas() -> Iterator[list[Replica]]:
    """Run two of them."""
    both = [Replica(number) for number in range(2)]
    for each in both:
        threading.Thread(target=each.serve_forever).start()
    try:
        yield both
    finally:
        for each in both:
            each.shutdown()
            each.server_close()


def addresses(servers: list[Replica]) -> list[str]:
    return [f"127.0.0.1:{server.server_port}" for server in servers]


def number_of(response: httpx.Response) -> str:
    assert response.status_code == 200
    return response.text.split()[0]


@needs_caddy
@pytest.mark.slow
def test_proxy_chooses_replicas_and_notices_one_that_drains():
    with replicas() as both, proxy(addresses(both)) as (url, _):
        chosen = {number_of(httpx.post(f"{url}/read", content=b"x")) for _ in range(30)}
        assert chosen == {"0", "1"}

        sessions = set()
        for _ in range(12):
            with httpx.Client(base_url=url) as client:
                response = client.get("/")
                assert "digits_session" in client.cookies
                visited = {number_of(response), *(number_of(client.get("/gradio_api/queue/data")) for _ in range(3))}
            assert len(visited) == 1
            sessions |= visited
        assert sessions == {"0", "1"}

        cookieless = {number_of(httpx.post(f"{url}/gradio_api/call/predict")) for _ in range(6)}
        assert len(cookieless) == 1

        forged = httpx.get(f"{url}/", headers={"x-forwarded-for": "192.0.2.1"})
        assert forged.text.split()[1] == "127.0.0.1"

        both[0].draining = True
        time.sleep(NOTICED)
        assert {number_of(httpx.get(f"{url}{path}")) for path in ("/read", "/", "/config") * 5} == {"1"}


@needs_caddy
@pytest.mark.slow
def test_requests_go_to_another_replica_before_the_proxy_notices_that_one_is_gone():
    with replicas() as (first, second), proxy(addresses([first, second])) as (url, _):
        first.shutdown()
        first.server_close()
        assert {number_of(httpx.post(f"{url}/read", content=b"x" * 10_000)) for _ in range(6)} == {"1"}


@needs_caddy
@pytest.mark.slow
def test_without_a_replica_the_proxy_answers_as_a_busy_server_does():
    with replicas() as both, proxy(addresses(both)) as (url, _):
        for each in both:
            each.draining = True
        time.sleep(NOTICED)
        response = httpx.post(f"{url}/read", content=b"x", timeout=20)
        assert (response.status_code, response.headers["retry-after"]) == (503, "1")
        assert response.json()["code"] == "busy"
