//! Conditions and orders of lists: what SQL lets through is what the condition says.

use crate::given::{World, now};
use chrono::Duration;
use waymark_domain::evidence::{EvidenceKind, EvidenceState};
use waymark_domain::kernel::{Patch, RefusalCode};
use waymark_domain::people::{UpdatePerson, update_person};
use waymark_domain::ports::{
    CommandError, Condition, EvidenceFilter, EvidenceOrder, EvidenceReader, EvidenceTest, PageRequest,
    PeopleFilter, PeopleOrder, PeopleReader, PersonTest, TextTest,
};

on_both_databases!(conditions_on_people, conditions_on_evidence, orders, updates_keep_clear_and_set);

type People = Condition<PersonTest>;

fn page() -> PageRequest {
    PageRequest { limit: 100, backward: false, from: None }
}

async fn names(world: &World, filter: &PeopleFilter) -> Vec<String> {
    let viewer = world.viewer().await;
    let found = PeopleReader::people(&world.persistence, &viewer, filter, page()).await.unwrap();
    let count = world.persistence.people_count(&viewer, filter).await.unwrap();
    assert_eq!(count, found.items.len() as u64, "count and page agree");
    found.items.into_iter().map(|(_, person)| person.external_id).collect()
}

async fn conditions_on_people(world: World) {
    world.organisation().await;
    let odd = world.by("noor").await;
    let csv = "external_id,name,discipline\n100%_a,A percent,design\nx\\y,Back\\slash,design\n";
    waymark_domain::people::import_people(&world.persistence, &*world.ids, &odd, csv).await.unwrap();
    let [tomas, noor] = [world.person("tomas").await, world.person("noor").await];
    let name = |test| People::Is(PersonTest::Name(test));
    let external = |test| People::Is(PersonTest::ExternalId(test));
    let text = |text: &str| text.to_owned();
    let table: Vec<(People, &[&str])> = vec![
        (People::default(), &["100%_a", "x\\y", "jonas", "mira", "noor", "tomas"]),
        (name(TextTest::In(vec![text("MIRA"), text("nobody")])), &["mira"]),
        (name(TextTest::StartsWith(text("to"))), &["tomas"]),
        (name(TextTest::Contains(text("O"))), &["jonas", "noor", "tomas"]),
        (name(TextTest::In(vec![])), &[]),
        (external(TextTest::Contains(text("%"))), &["100%_a"]),
        (external(TextTest::StartsWith(text("100%_"))), &["100%_a"]),
        (external(TextTest::StartsWith(text("100_"))), &[]),
        (external(TextTest::Contains(text("\\"))), &["x\\y"]),
        (external(TextTest::In(vec![text("' or 1=1 --")])), &[]),
        (PersonTest::Discipline(TextTest::In(vec![text("design")])).into(), &["100%_a", "x\\y"]),
        (PersonTest::Manager(vec![tomas]).into(), &["jonas", "mira"]),
        (PersonTest::Manager(vec![tomas, noor]).into(), &["jonas", "mira", "tomas"]),
        (PersonTest::Manager(vec![]).into(), &[]),
        (PersonTest::Position(vec![world.position().await]).into(), &["jonas", "mira"]),
        (
            Condition::All(vec![
                PersonTest::Manager(vec![tomas]).into(),
                Condition::Not(Box::new(name(TextTest::StartsWith(text("m"))))),
            ]),
            &["jonas"],
        ),
        (
            Condition::Any(vec![
                name(TextTest::StartsWith(text("m"))),
                name(TextTest::StartsWith(text("n"))),
            ]),
            &["mira", "noor"],
        ),
        (Condition::Any(vec![]), &[]),
        (
            Condition::Not(Box::new(PersonTest::Manager(vec![tomas]).into())),
            &["100%_a", "x\\y", "noor", "tomas"],
        ),
        (
            Condition::Not(Box::new(Condition::Any(vec![]))),
            &["100%_a", "x\\y", "jonas", "mira", "noor", "tomas"],
        ),
    ];
    for (condition, expected) in table {
        let filter = PeopleFilter { condition, ..PeopleFilter::default() };
        let mut found = names(&world, &filter).await;
        found.sort();
        let mut expected: Vec<&str> = expected.to_vec();
        expected.sort_unstable();
        assert_eq!(found, expected, "{filter:?}");
    }
}

async fn conditions_on_evidence(world: World) {
    world.organisation().await;
    world.evidence("mira", "mira", "accepted").await;
    world.evidence("jonas", "mira", "proposed").await;
    world.evidence("jonas", "jonas", "other").await;
    let (mira, today) = (world.person("mira").await, now().date_naive());
    let table: [(EvidenceTest, &[&str]); 6] = [
        (EvidenceTest::Person(vec![mira]), &["accepted", "proposed"]),
        (EvidenceTest::State(vec![EvidenceState::Proposed]), &["proposed"]),
        (EvidenceTest::Kind(vec![EvidenceKind::Course]), &[]),
        (EvidenceTest::Kind(vec![EvidenceKind::WorkArtefact]), &["accepted", "other", "proposed"]),
        (EvidenceTest::From(today), &["accepted", "other", "proposed"]),
        (EvidenceTest::Until(today - Duration::days(1)), &[]),
    ];
    for (test, expected) in table {
        let filter = EvidenceFilter { condition: test.into(), ..EvidenceFilter::default() };
        let viewer = world.viewer().await;
        let found = EvidenceReader::evidence(&world.persistence, &viewer, &filter, page()).await.unwrap();
        let mut titles: Vec<String> = found.items.into_iter().map(|(_, e)| e.content.title).collect();
        titles.sort();
        assert_eq!(titles, expected, "{filter:?}");
    }
}

async fn orders(world: World) {
    world.organisation().await;
    let order = |order, descending| PeopleFilter { order, descending, ..PeopleFilter::default() };
    assert_eq!(names(&world, &order(PeopleOrder::Name, false)).await, ["jonas", "mira", "noor", "tomas"]);
    assert_eq!(names(&world, &order(PeopleOrder::Name, true)).await, ["tomas", "noor", "mira", "jonas"]);
    assert_eq!(
        names(&world, &order(PeopleOrder::ExternalId, true)).await,
        ["tomas", "noor", "mira", "jonas"]
    );

    for title in ["1", "2", "3"] {
        world.evidence("mira", "mira", title).await;
    }
    let viewer = world.viewer().await;
    let filter =
        EvidenceFilter { order: EvidenceOrder::RecordedAt, descending: false, ..EvidenceFilter::default() };
    let mut from = None;
    let mut titles = Vec::new();
    loop {
        let request = PageRequest { limit: 1, backward: false, from };
        let page = EvidenceReader::evidence(&world.persistence, &viewer, &filter, request).await.unwrap();
        from = page.items.last().map(|(key, _)| key.clone());
        titles.extend(page.items.into_iter().map(|(_, e)| e.content.title));
        if !page.has_next {
            break;
        }
    }
    assert_eq!(titles.len(), 3, "each once, although all have the same moment: {titles:?}");
}

async fn updates_keep_clear_and_set(world: World) {
    world.organisation().await;
    let (store, context) = (&world.persistence, world.by("noor").await);
    let nothing = UpdatePerson {
        person: world.person("mira").await,
        display_name: Patch::Keep,
        email: Patch::Keep,
        discipline: Patch::Keep,
        team: Patch::Keep,
    };
    let before = world.rows().await;
    update_person(store, &context, nothing.clone()).await.unwrap();
    assert_eq!(world.rows().await, before, "nothing is not even an event");
    let taken = UpdatePerson { email: Patch::Set("JONAS@example.com".to_owned()), ..nothing.clone() };
    let no_name = UpdatePerson { display_name: Patch::Clear, ..nothing.clone() };
    let no_team = UpdatePerson { team: Patch::Set(uuid::Uuid::nil().into()), ..nothing.clone() };
    for (input, code) in
        [(taken, RefusalCode::Duplicate), (no_name, RefusalCode::Required), (no_team, RefusalCode::NotFound)]
    {
        match update_person(store, &context, input).await {
            Err(CommandError::Refused(refusals)) => assert_eq!(refusals.0[0].code, code),
            unexpected => panic!("{unexpected:?}"),
        }
    }
    assert_eq!(world.rows().await, before);
    let input = UpdatePerson { email: Patch::Clear, discipline: Patch::Set("data".to_owned()), ..nothing };
    let person = update_person(store, &context, input).await.unwrap();
    assert_eq!((person.profile.email, person.profile.discipline.as_str()), (None, "data"));
    assert_eq!(person.profile.display_name, "Mira", "what is kept stays");
}
