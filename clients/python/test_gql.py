"""Waymark as scripts in Python meet it: the library gql, over HTTP and over a WebSocket."""

import asyncio
from datetime import date

import pytest
from gql import Client, GraphQLRequest, gql
from gql.transport.aiohttp import AIOHTTPTransport
from gql.transport.exceptions import TransportQueryError, TransportServerError
from gql.transport.websockets import WebsocketsTransport
from graphql import GraphQLError

STANDING = gql("""
    query Standing($person: String!) {
      person(by: { externalId: $person }) {
        id
        displayName
        readiness { score nextSkills(first: 1) { skill { id title } level target } }
      }
    }
""")

RECORD = gql("""
    mutation Record($input: RecordEvidenceInput!) {
      recordEvidence(input: $input) { evidence { id state } userErrors { code field } }
    }
""")

EVENTS = gql("""
    subscription Events($person: ID!, $after: String) {
      progressEvents(person: $person, after: $after) { id type sequence cursor }
    }
""")


def client(service, persona: str, **options) -> Client:
    return Client(transport=AIOHTTPTransport(url=service.url, headers=service.headers(persona)), **options)


def ask(service, persona: str, document, variables=None, **options):
    return client(service, persona, **options).execute(GraphQLRequest(document, variable_values=variables))


def evidence(service, **more) -> dict:
    person = ask(service, "engineer", STANDING, {"person": "mira"})["person"]
    skill = person["readiness"]["nextSkills"][0]["skill"]["id"]
    return {
        "personId": person["id"],
        "kind": "WORK_ARTEFACT",
        "title": "Written in Python",
        "occurredOn": date.today().isoformat(),
        "claims": [{"skillId": skill, "level": 2}],
        **more,
    }


def test_a_query(service):
    person = ask(service, "engineer", STANDING, {"person": "mira"})["person"]
    assert person["displayName"] == "Mira Okafor"
    assert 0 < person["readiness"]["score"] < 1
    assert len(person["readiness"]["nextSkills"]) == 1


def test_the_schema_is_read_and_documents_are_checked_against_it(service):
    session = client(service, "engineer", fetch_schema_from_transport=True)
    session.execute(gql("{ viewer { administrator } }"))
    assert "recordEvidence" in session.schema.mutation_type.fields
    with pytest.raises(GraphQLError, match="nickname"):
        session.execute(gql("{ viewer { nickname } }"))


def test_a_mutation(service):
    payload = ask(service, "engineer", RECORD, {"input": evidence(service)})["recordEvidence"]
    assert payload["userErrors"] == []
    assert payload["evidence"]["state"] == "ACCEPTED"


def test_an_expected_refusal_is_data(service):
    payload = ask(service, "engineer", RECORD, {"input": evidence(service, title=" ")})["recordEvidence"]
    assert payload["evidence"] is None
    assert [error["code"] for error in payload["userErrors"]] == ["REQUIRED"]
    assert payload["userErrors"][0]["field"][-1] == "title"


def test_an_error_has_a_code_and_leaves_the_other_data(service):
    with pytest.raises(TransportQueryError) as raised:
        ask(service, "engineer", gql('{ viewer { administrator } node(id: "x") { id } }'))
    assert [error["extensions"]["code"] for error in raised.value.errors] == ["NOT_FOUND"]
    assert raised.value.data == {"viewer": {"administrator": False}, "node": None}


def test_without_a_token(service):
    transport = AIOHTTPTransport(url=service.url)
    with pytest.raises((TransportServerError, TransportQueryError), match="401|UNAUTHENTICATED"):
        Client(transport=transport).execute(gql("{ viewer { administrator } }"))


def socket(service, persona: str) -> Client:
    transport = WebsocketsTransport(
        url=service.socket_url,
        init_payload={"authorization": service.headers(persona)["Authorization"]},
        # Said, because gql looks for the answer's header in one letter case only and otherwise takes the service
        # for one that speaks Apollo's old protocol.
        subprotocols=[WebsocketsTransport.GRAPHQLWS_SUBPROTOCOL],
    )
    return Client(transport=transport)


def events_of(session, person: str, after: str | None = None):
    return session.subscribe(GraphQLRequest(EVENTS, variable_values={"person": person, "after": after}))


def test_a_live_event(service):
    """Something happens until the subscription, whose beginning nobody is told of, has seen it."""
    values = evidence(service)

    async def follow() -> list[dict]:
        async with socket(service, "engineer") as session:
            first = asyncio.ensure_future(anext(events_of(session, values["personId"])))
            while not first.done():
                await asyncio.to_thread(record, service, values)
                await asyncio.wait([first], timeout=0.2)
            seen = [(await first)["progressEvents"]]
        # A second socket goes on where the first one stopped.
        await asyncio.to_thread(record, service, values)
        async with socket(service, "engineer") as session:
            seen.append((await anext(events_of(session, values["personId"], seen[0]["cursor"])))["progressEvents"])
        return seen

    events = asyncio.run(asyncio.wait_for(follow(), 90))
    assert events[0]["type"] == "career.evidence-proposed.v1"
    assert len({event["id"] for event in events}) == 2


def record(service, values: dict) -> None:
    document = gql("mutation($input: RecordEvidenceInput!) { recordEvidence(input: $input) { userErrors { code } } }")
    assert ask(service, "engineer", document, {"input": values})["recordEvidence"]["userErrors"] == []


def test_a_refused_subscription_says_why(service):
    async def follow():
        async with socket(service, "engineer") as session:
            return await anext(events_of(session, "x"))

    with pytest.raises(TransportQueryError) as raised:
        asyncio.run(asyncio.wait_for(follow(), 90))
    assert raised.value.errors[0]["extensions"]["code"] == "NOT_FOUND"
