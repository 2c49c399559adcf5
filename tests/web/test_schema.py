"""The OpenAPI document: valid, every call described, every example true to its schema. A new call can't slip in undescribed."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from entrypoints.settings import load_settings
from entrypoints.web.app import create_app
from tests.web.calls import Api
from tests.web.conftest import Serve

METHODS = {"get", "head", "put", "post", "patch", "delete"}
OPEN = {
    "GET /healthz",
    "HEAD /healthz",
    "GET /readyz",
    "HEAD /readyz",
    "GET /api/audio/assets/{id}/stream",
    "HEAD /api/audio/assets/{id}/stream",
    "GET /api/audio/assets/{id}/playback",
    "GET /api/audio/assets/{id}/peaks",
    "GET /api/storage/{key}",
    "HEAD /api/storage/{key}",
    "PUT /api/storage/{key}",
}
OF_WORKERS = {
    "POST /api/webhooks/worker": [["webhookSecret"], ["ticketToken"], ["webhookId", "webhookTimestamp", "webhookSignature"]],
    "POST /api/worker/claim": [["webhookSecret"], ["webhookId", "webhookTimestamp", "webhookSignature"]],
}


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return document_of(tmp_path_factory.mktemp("schema"), GREENROOM_API_KEYS="a key")


def document_of(folder: Path, **environment: str) -> dict[str, Any]:
    settings = load_settings({"GREENROOM_DATA_DIR": str(folder)} | environment, folder / "no.env")
    return create_app(settings).openapi_schema.to_schema()


def test_the_document_is_valid_openapi_3_1(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1")
    assert [error.message for error in OpenAPIV31SpecValidator(document).iter_errors()] == []


def test_every_call_has_a_summary_a_description_and_a_tag_that_is_described(document: dict[str, Any]) -> None:
    tags = {tag["name"] for tag in document["tags"] if tag["description"]}
    for name, call in calls(document):
        assert call["summary"], name
        assert len(call["summary"]) < 60, name
        assert call["description"] not in {"", call["summary"]}, name
        assert set(call["tags"]) <= tags, name
        assert call["tags"], name
    assert tags == {tag for _, call in calls(document) for tag in call["tags"]}


def test_every_parameter_is_described(document: dict[str, Any]) -> None:
    undescribed = [
        f"{name}: {parameter['name']}"
        for name, call in calls(document)
        for parameter in call.get("parameters", [])
        if not parameter.get("description")
    ]
    assert undescribed == []


def test_every_call_that_sends_json_shows_an_example_and_describes_what_it_is(document: dict[str, Any]) -> None:
    for where, content in contents(document):
        assert "schema" in content, where
        assert "example" in content or "examples" in content or '"binary"' in json.dumps(content["schema"]), where


def test_every_example_is_true_to_its_schema(document: dict[str, Any]) -> None:
    for where, content in contents(document):
        shown = [content["example"]] if "example" in content else [one["value"] for one in content.get("examples", {}).values()]
        schema = content["schema"] | {"components": document["components"]}
        for example in shown:
            faults = OAS31Validator(schema).iter_errors(example)
            assert [f"{where}: {fault.json_path} {fault.message}" for fault in faults] == []


def test_every_call_says_how_it_ends_well_and_how_it_is_refused(document: dict[str, Any]) -> None:
    for name, call in calls(document):
        assert any(status < "400" for status in call["responses"]), name
        refused = {status: said for status, said in call["responses"].items() if status >= "400"}
        assert refused or name.endswith("/healthz"), name
        if not name.endswith("/readyz"):
            assert all(said["$ref"].startswith("#/components/responses/") for said in refused.values()), name
        assert all(said["description"] for said in call["responses"].values()), name


def test_refusals_have_the_one_shape_there_is(document: dict[str, Any]) -> None:
    for name, response in document["components"]["responses"].items():
        shape = response["content"]["application/json"]["schema"]
        assert (set(shape["properties"]), shape["required"]) == ({"error", "field"}, ["error"]), name
    assert "status_code" not in str(document)


def test_every_call_says_who_may_make_it(document: dict[str, Any]) -> None:
    demanded = {name: [list(proof) for proof in call["security"]] for name, call in calls(document)}
    assert {name for name, proofs in demanded.items() if not proofs} == OPEN
    assert {name: proofs for name, proofs in demanded.items() if proofs and proofs != [["apiKey"]]} == OF_WORKERS
    named = {scheme for proofs in demanded.values() for proof in proofs for scheme in proof}
    assert named == set(document["components"]["securitySchemes"])


def test_without_keys_it_says_that_none_is_needed(tmp_path: Path) -> None:
    for name, call in calls(document_of(tmp_path)):
        assert not call["security"] or {} in call["security"] or name in OF_WORKERS, name


def test_calls_have_names_that_clients_can_be_made_of(document: dict[str, Any]) -> None:
    names = [call["operationId"] for _, call in calls(document)]
    assert len(set(names)) == len(names)
    assert all(name.isalnum() and name[0].islower() for name in names), names
    assert {"uploadAsset", "listAssets", "readAsset", "deleteAsset", "createJob", "readJob", "claimTicket"} <= set(names)


def test_answers_lead_to_calls_that_there_are(document: dict[str, Any]) -> None:
    links = [
        (name, link)
        for _, call in calls(document)
        for answer in call["responses"].values()
        for name, link in answer.get("links", {}).items()
    ]
    named = {call["operationId"] for _, call in calls(document)}
    assert links
    assert all(link["operationId"] == name and name in named for name, link in links)


def test_what_the_app_is_told_is_described_with_a_true_example(document: dict[str, Any]) -> None:
    told = document["webhooks"]["jobEnded"]["post"]
    content = told["requestBody"]["content"]["application/json"]
    assert [fault.message for fault in OAS31Validator(content["schema"]).iter_errors(content["example"])] == []
    assert {"type", "timestamp", "data"} == set(content["schema"]["properties"])
    assert all(parameter["description"] for parameter in told["parameters"])


def test_it_says_where_it_is_served(tmp_path: Path) -> None:
    assert document_of(tmp_path)["servers"] == [{"url": "/"}]
    address = "https://audio.example.com"
    assert document_of(tmp_path, GREENROOM_PUBLIC_URL=address)["servers"] == [{"url": address}]


def test_every_route_stands_in_it(document: dict[str, Any], tmp_path: Path) -> None:
    app = create_app(load_settings({"GREENROOM_DATA_DIR": str(tmp_path)}, tmp_path / "no.env"))
    routed = {
        f"{method} {route.path_format}"
        for route in app.routes
        for method in getattr(route, "methods", set()) - {"OPTIONS"}
        if route.path != "/" and not route.path.startswith(("/schema", "/docs", "/static"))
    }
    assert {name for name, _ in calls(document)} == routed


@pytest.mark.parametrize(
    ("call", "statuses"),
    [
        ("POST /api/webhooks/worker", {"200", "400", "401", "404", "409", "413", "422", "503"}),
        ("POST /api/audio/assets", {"201", "408", "413", "415", "422"}),
        ("POST /api/audio/uploads", {"201", "400", "413"}),
        ("POST /api/audio/uploads/{id}/complete", {"200", "404", "409", "415", "422"}),
        ("GET /api/audio/assets/{id}/stream", {"302", "400", "404"}),
        ("GET /api/audio/assets/{id}/playback", {"200", "202", "400", "404"}),
        ("GET /api/storage/{key}", {"200", "206", "304", "403", "416"}),
        ("GET /readyz", {"200", "503"}),
    ],
)
def test_calls_say_with_what_they_are_answered(document: dict[str, Any], call: str, statuses: set[str]) -> None:
    assert statuses <= set(dict(calls(document))[call]["responses"])


def test_bodies_are_described_whole(document: dict[str, Any]) -> None:
    sent = {name: call["requestBody"]["content"] for name, call in calls(document) if "requestBody" in call}
    report = sent["POST /api/webhooks/worker"]["application/json"]["schema"]
    assert report["required"] == ["jobId", "status"]
    assert set(report["properties"]["status"]["enum"]) == {"processing", "complete", "failed", "released"}
    assert set(sent["POST /api/audio/assets"]) == {"application/octet-stream", "multipart/form-data"}
    assert "$defs" not in str(document["paths"])


@pytest.mark.anyio
async def test_options_name_every_method_of_an_address(api: Api) -> None:
    assert (await api.client.options("/api/audio/assets")).headers["allow"] == "GET, OPTIONS, POST"


@pytest.mark.anyio
@pytest.mark.usefixtures("on_a_folder")
async def test_options_name_every_method_of_a_local_link(api: Api) -> None:
    assert (await api.client.options("/api/storage/x")).headers["allow"] == "GET, HEAD, OPTIONS, PUT"


@pytest.mark.anyio
async def test_the_page_is_open_and_its_policy_lets_nothing_in(serve: Serve) -> None:
    api = await serve(GREENROOM_API_KEYS="a key")
    for path in ("/docs", "/docs/docs.js", "/docs/docs.css", "/docs/swagger-ui.js", "/docs/swagger-ui.css"):
        answer = await api.client.get(path)
        assert answer.status_code == 200
        assert answer.headers["x-content-type-options"] == "nosniff"
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'; script-src 'self';" in policy
        assert "http" not in policy
    assert (await api.client.get("/docs/__init__.py")).status_code == 404
    assert (await api.client.get("/docs/..%2fdocs.py")).status_code == 404


def calls(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every call with its name, `GET /path`."""
    for path, item in document["paths"].items():
        for method in METHODS & set(item):
            yield f"{method.upper()} {path}", item[method]


def contents(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every body that is sent or answered, with where it stands."""
    for name, call in calls(document):
        for kind, content in call.get("requestBody", {}).get("content", {}).items():
            yield f"{name} {kind}", content
        for status, answer in call["responses"].items():
            for kind, content in answer.get("content", {}).items():
                yield f"{name} {status} {kind}", content
    for name, answer in document["components"]["responses"].items():
        yield name, answer["content"]["application/json"]
