//! People from CSV: everything wrong at once with its line and column, all or nothing, and updates.

use crate::given::{PEOPLE, World};
use waymark_domain::kernel::{RefusalCode, Refusals};
use waymark_domain::people::{ImportedPeople, import_people};
use waymark_domain::ports::{CommandError, PeopleReader};

on_both_databases!(
    a_good_file,
    again_and_changed,
    everything_wrong_at_once,
    circles_and_addresses,
    broken_files
);

async fn import(world: &World, csv: &str) -> Result<ImportedPeople, Refusals> {
    match import_people(&world.persistence, &*world.ids, &world.by("noor").await, csv).await {
        Ok(summary) => Ok(summary),
        Err(CommandError::Refused(refusals)) => Err(refusals),
        Err(CommandError::Port(fault)) => panic!("{fault:?}"),
    }
}

async fn refused(world: &World, csv: &str) -> Vec<(RefusalCode, u32, u32)> {
    let before = world.rows().await;
    let refusals = import(world, csv).await.unwrap_err();
    assert_eq!(world.rows().await, before, "nothing is written: {csv}");
    refusals.0.iter().map(|r| (r.code, r.line.unwrap_or(0), r.column.unwrap_or(0))).collect()
}

async fn a_good_file(world: World) {
    world.organisation().await;
    let viewer = world.viewer().await;
    let mira = world.persistence.person_by_external_id(&viewer, "mira").await.unwrap().unwrap();
    assert_eq!(mira.manager, Some(world.person("tomas").await));
    let teams = world.persistence.teams_by_ids(&viewer, &[mira.team.unwrap()]).await.unwrap();
    assert_eq!(teams.values().next().unwrap().title, "Payments");
    assert_eq!((mira.email.as_deref(), mira.discipline.as_str()), (Some("mira@example.com"), "backend"));
}

async fn again_and_changed(world: World) {
    world.organisation().await;
    let before = world.rows().await;
    let same = import(&world, PEOPLE).await.unwrap();
    assert_eq!(same, ImportedPeople { rows: 4, unchanged: 4, ..ImportedPeople::default() });
    assert_eq!(world.rows().await, before, "the same again is not even an event");
    let changed = import(&world, "external_id,name,team,manager_external_id\nmira,Mira O.,Core,noor\nnew,New,Core,new2\nnew2,New,,mira\n").await;
    assert_eq!(
        changed.unwrap(),
        ImportedPeople { rows: 3, registered: 2, updated: 1, teams: 1, unchanged: 0 }
    );
    let viewer = world.viewer().await;
    let mira = world.persistence.person_by_external_id(&viewer, "mira").await.unwrap().unwrap();
    assert_eq!((mira.display_name.as_str(), mira.manager), ("Mira O.", Some(world.person("noor").await)));
}

async fn everything_wrong_at_once(world: World) {
    use RefusalCode::{Duplicate, InFuture, Invalid, Malformed, Required, UnknownReference};
    world.organisation().await;
    let csv = "external_id,name,email,manager_external_id,position,since\n\
        a,,a@example.com,,,\n\
        b,B,not-an-address,,,\n\
        c,C,,nobody,,\n\
        d,D,,,astronaut,2026-01-01\n\
        e,E,,,engineer,2026-99-01\n\
        f,F,,,engineer,\n\
        g,G,,,engineer,2999-01-01\n\
        h,H,,,,,,,\n\
        i,I,,,,\n\
        i,I,,,,\n\
        j,J,mira@example.com,,,\n\
        =cmd|x,K,,,,\n";
    let expected = [
        (Required, 2, 2),
        (Invalid, 3, 3),
        (UnknownReference, 4, 4),
        (UnknownReference, 5, 5),
        (Invalid, 6, 6),
        (Required, 7, 6),
        (InFuture, 8, 6),
        (Malformed, 9, 7),
        (Duplicate, 11, 1),
        (Duplicate, 12, 3),
    ];
    assert_eq!(refused(&world, csv).await, expected);
}

async fn circles_and_addresses(world: World) {
    world.organisation().await;
    let circle = "external_id,name,manager_external_id\nnoor,Noor,mira\n";
    assert_eq!(refused(&world, circle).await, [(RefusalCode::Cycle, 2, 3)]);
    let own = "external_id,name,manager_external_id\nx,X,x\n";
    assert_eq!(refused(&world, own).await, [(RefusalCode::Cycle, 2, 3)]);
    let twice = "external_id,name,email\nx,X,x@example.com\ny,Y,X@example.com\n";
    assert_eq!(refused(&world, twice).await, [(RefusalCode::Duplicate, 3, 3)]);
    // Two people swap their addresses within one file.
    let swap = "external_id,name,email\nmira,Mira,jonas@example.com\njonas,Jonas,mira@example.com\n";
    assert_eq!(import(&world, swap).await.unwrap().updated, 2);
}

async fn broken_files(world: World) {
    use RefusalCode::{Duplicate, Malformed, Required, UnknownField};
    world.organisation().await;
    let table: [(&str, &[RefusalCode]); 6] = [
        ("", &[Required, Required]),
        ("external_id,name\n", &[Required]),
        ("external_id,name,salary\na,A,1\n", &[UnknownField]),
        ("external_id,external_id,name\na,a,A\n", &[Duplicate]),
        ("name\nA\n", &[Required]),
        ("external_id,name\na,\"unclosed\nb,B\nc,C,C\n", &[Malformed]),
    ];
    for (csv, expected) in table {
        let found: Vec<RefusalCode> = refused(&world, csv).await.into_iter().map(|(code, ..)| code).collect();
        assert!(found == expected || csv.contains("unclosed"), "{csv:?}: {found:?}");
    }
    let summary = import(&world, "\u{feff}external_id,name\r\n\"q\",\"Q, with a comma\"\r\n").await.unwrap();
    assert_eq!(summary.registered, 1, "a byte order mark, CRLF and quotes are fine");
}
