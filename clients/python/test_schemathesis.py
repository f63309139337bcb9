"""Two thousand documents that nobody thought of: whatever is asked, the answer is typed and the service lives on."""

import math
from collections import Counter
from datetime import date, timedelta

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from schemathesis.config import SchemathesisConfig
from schemathesis.graphql import nodes

CASES = 2_000
# Another number finds other cases; this one finds the same at every run.
SEED = 20_260_131
# Long enough for the deadline that the service sets itself.
PATIENCE = 15

# What a client may meet in `errors[].extensions.code`.
CODES = {
    "GRAPHQL_PARSE_FAILED",
    "GRAPHQL_VALIDATION_FAILED",
    "OPERATION_RESOLUTION_FAILURE",
    "BAD_REQUEST",
    "BAD_USER_INPUT",
    "BAD_CURSOR",
    "FORBIDDEN",
    "NOT_FOUND",
    "CONFLICT",
    "QUERY_TOO_DEEP",
    "QUERY_TOO_COMPLEX",
    "TOO_MANY_ALIASES",
    "TOO_MANY_TOKENS",
    "TOO_MANY_ROOT_FIELDS",
}

seen = Counter()


def ids_of(service) -> list[str]:
    """Ids of things that are there, so that not everything ends at NOT_FOUND."""
    query = """{ people(first: 5) { nodes { id team { id } skillRecords { id } evidence(first: 3) { nodes { id } } } }
      frameworks { nodes { id publishedVersion { id positions { id } skills(first: 5) { nodes { id } } } } } }"""
    response = requests.post(service.url, json={"query": query}, headers=service.headers("admin"), timeout=PATIENCE)
    found: list[str] = []

    def collect(value) -> None:
        if isinstance(value, dict):
            found.extend([value["id"]] if "id" in value else [])
            value = list(value.values())
        if isinstance(value, list):
            for item in value:
                collect(item)

    collect(response.json()["data"])
    return sorted(set(found))


@pytest.fixture(scope="module")
def api(service):
    ids = ids_of(service)
    assert len(ids) > 20
    today = date.today()
    days = st.dates(today - timedelta(days=2_000), today + timedelta(days=30)).map(str)
    for name in ("Date",):
        schemathesis.graphql.scalar(name, (days | st.text()).map(nodes.String))
    known = st.sampled_from(ids)
    schemathesis.graphql.scalar("ID", (known | known | known | st.text()).map(nodes.String))
    # Sizes of pages and levels, mostly; the rest of the numbers too.
    schemathesis.graphql.scalar("Int", (st.integers(0, 101) | st.integers(-(2**31), 2**31 - 1)).map(nodes.Int))
    schema = schemathesis.graphql.from_url(
        service.url, headers=service.headers("admin"), config=SchemathesisConfig(seed=SEED)
    )
    fields = schema.statistic.operations.total
    schema.config.generation.update(max_examples=math.ceil(CASES / fields))
    return schema


schema = schemathesis.pytest.from_fixture("api")


@schemathesis.check
def typed_answer(ctx, response, case) -> None:
    """200 or 400 with JSON; every error has a code that is known, and none is the service's own fault."""
    seen[response.status_code] += 1
    assert response.status_code in (200, 400), f"status {response.status_code}: {response.text[:500]}"
    answer = response.json()
    errors = answer.get("errors", [])
    assert "data" in answer or errors, answer
    codes = [error["extensions"]["code"] for error in errors]
    seen.update(codes or ["no error"])
    for code in codes:
        assert code in CODES, f"{code}: {errors}"
    assert "data" in answer or response.status_code == 400, "nothing was executed, and yet 200"
    # graphql-core knows which documents fit the schema: what it calls valid may be refused for its values or its
    # size alone, and the rest must be refused.
    if case.meta.generation.mode.is_positive:
        assert not set(codes) & {"GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED"}, f"{errors}\n{case.body}"
    else:
        assert errors, case.body


@schema.parametrize()
@settings(deadline=None, database=None, suppress_health_check=list(HealthCheck))
def test_any_document(service, case):
    headers = {**service.headers("admin"), "Accept": "application/graphql-response+json"}
    case.call_and_validate(checks=[typed_answer], headers=headers, timeout=PATIENCE)


def test_afterwards_the_service_is_alive(service):
    assert seen[200] + seen[400] >= CASES, seen
    assert seen["no error"] > CASES / 10, "most of it would have been refused before it meant anything"
    assert service.is_alive()
    query = {"query": "{ __typename }"}
    response = requests.post(service.url, json=query, headers=service.headers("admin"), timeout=PATIENCE)
    assert response.json()["data"] == {"__typename": "Query"}
    assert "panicked" not in service.output()
