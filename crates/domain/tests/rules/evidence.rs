//! States of evidence, who may move it, and what may be written.

use crate::given::{administrator, claim, codes, content, id, member, now, person, process, today};
use chrono::Days;
use waymark_domain::evidence::{Evidence, EvidenceContent, EvidenceKind, EvidenceState};
use waymark_domain::kernel::{Actor, Refusal, RefusalCode};

const SUBJECT: u128 = 1;
const AUTHOR: u128 = 2;
const OTHER: u128 = 3;

type Step = fn(&mut Evidence, &Actor) -> Result<(), Refusal>;

fn proposed() -> Evidence {
    Evidence::record(id(9), person(SUBJECT), &member(AUTHOR), content(EvidenceKind::PeerFeedback), now())
}

fn in_state(state: EvidenceState) -> Evidence {
    let mut evidence = proposed();
    evidence.state = state;
    evidence.events.clear();
    evidence
}

#[test]
fn every_state_and_every_step() {
    use EvidenceState::{Accepted, Disputed, Proposed, Rejected, Verified, Withdrawn};
    let steps: [(&str, Step, Actor, [Option<EvidenceState>; 6]); 5] = [
        // From:                                 Proposed         Accepted         Rejected        Verified         Disputed         Withdrawn
        (
            "accept",
            Evidence::accept,
            member(SUBJECT),
            [Some(Accepted), Some(Accepted), None, None, None, None],
        ),
        (
            "reject",
            Evidence::reject,
            member(SUBJECT),
            [Some(Rejected), None, Some(Rejected), None, None, None],
        ),
        (
            "verify",
            Evidence::verify,
            member(OTHER),
            [None, Some(Verified), None, Some(Verified), Some(Verified), None],
        ),
        (
            "dispute",
            Evidence::dispute,
            member(OTHER),
            [None, Some(Disputed), None, None, Some(Disputed), None],
        ),
        (
            "withdraw",
            Evidence::withdraw,
            member(AUTHOR),
            [Some(Withdrawn), Some(Withdrawn), None, Some(Withdrawn), Some(Withdrawn), Some(Withdrawn)],
        ),
    ];
    for (name, step, actor, expected) in steps {
        for ((from, _), expected) in EvidenceState::NAMES.into_iter().zip(expected) {
            let mut evidence = in_state(from);
            let result = step(&mut evidence, &actor);
            match expected {
                Some(to) => {
                    assert_eq!((result.is_ok(), evidence.state), (true, to), "{name} from {from:?}");
                    assert_eq!(evidence.changed(), from != to, "{name} from {from:?}: once is enough");
                }
                None => {
                    assert_eq!(
                        result.unwrap_err().code,
                        RefusalCode::IllegalTransition,
                        "{name} from {from:?}"
                    );
                    assert_eq!((evidence.state, evidence.changed()), (from, false), "{name} from {from:?}");
                }
            }
        }
    }
    assert_eq!(
        EvidenceState::NAMES.map(|(s, _)| s),
        [Proposed, Accepted, Rejected, Verified, Disputed, Withdrawn]
    );
}

#[test]
fn who_may_take_each_step() {
    use RefusalCode::{Forbidden, SelfReview};
    let actors = [member(SUBJECT), member(AUTHOR), member(OTHER), administrator(OTHER), process()];
    let (proposed, accepted) = (EvidenceState::Proposed, EvidenceState::Accepted);
    // By:                                                        the subject      the author       another          an admin         a process
    let steps: [(&str, EvidenceState, Step, [Option<RefusalCode>; 5]); 5] = [
        (
            "accept",
            proposed,
            Evidence::accept,
            [None, Some(Forbidden), Some(Forbidden), Some(Forbidden), Some(Forbidden)],
        ),
        (
            "reject",
            proposed,
            Evidence::reject,
            [None, Some(Forbidden), Some(Forbidden), Some(Forbidden), Some(Forbidden)],
        ),
        ("verify", accepted, Evidence::verify, [Some(SelfReview), None, None, None, Some(Forbidden)]),
        ("dispute", accepted, Evidence::dispute, [Some(SelfReview), None, None, None, Some(Forbidden)]),
        (
            "withdraw",
            accepted,
            Evidence::withdraw,
            [None, None, Some(Forbidden), Some(Forbidden), Some(Forbidden)],
        ),
    ];
    for (name, from, step, expected) in steps {
        for (actor, expected) in actors.iter().zip(expected) {
            let result = step(&mut in_state(from), actor);
            assert_eq!(result.err().map(|refusal| refusal.code), expected, "{name} by {actor:?}");
        }
    }
}

#[test]
fn of_oneself_it_counts_at_once_of_another_it_waits() {
    assert_eq!(proposed().state, EvidenceState::Proposed);
    let own =
        Evidence::record(id(9), person(SUBJECT), &member(SUBJECT), content(EvidenceKind::Course), now());
    assert_eq!((own.state, own.events.len()), (EvidenceState::Accepted, 2));
}

/// What is refused when this stands in the place of something good.
fn refused(change: impl FnOnce(&mut Input)) -> Vec<(RefusalCode, String)> {
    let mut input = Input::good();
    change(&mut input);
    let Input { title, body, links, on, claims } = input;
    let result = EvidenceContent::new(EvidenceKind::Course, &title, &body, &links, on, claims, today());
    result.err().map(|refusals| codes(&refusals)).unwrap_or_default()
}

struct Input {
    title: String,
    body: String,
    links: Vec<String>,
    on: chrono::NaiveDate,
    claims: Vec<waymark_domain::evidence::SkillClaim>,
}

impl Input {
    fn good() -> Self {
        let links = vec!["https://git.example.com/1".to_owned()];
        Self { title: "T".into(), body: String::new(), links, on: today(), claims: vec![claim(1, 3)] }
    }
}

#[test]
fn what_may_be_written() {
    use RefusalCode::{Duplicate, InFuture, Invalid, LinkNotAllowed, Required};
    assert_eq!(refused(|_| {}), []);
    let bad = |code, field: &str| vec![(code, field.to_owned())];
    assert_eq!(refused(|i| i.title = "  ".into()), bad(Required, "title"));
    assert_eq!(refused(|i| i.title = "x".repeat(121)), bad(Invalid, "title"));
    assert_eq!(refused(|i| i.title = "a\u{0}b".into()), bad(Invalid, "title"));
    assert_eq!(refused(|i| i.body = "x".repeat(20_001)), bad(Invalid, "body"));
    assert_eq!(refused(|i| i.body = "ä".repeat(20_000)), [], "characters count, not bytes");
    assert_eq!(refused(|i| i.on = today() + Days::new(1)), bad(InFuture, "occurredOn"));
    assert_eq!(refused(|i| i.claims.clear()), bad(Invalid, "claims"));
    assert_eq!(refused(|i| i.claims = (0..11).map(|n| claim(n, 1)).collect()), bad(Invalid, "claims"));
    assert_eq!(refused(|i| i.claims = vec![claim(1, 1), claim(1, 2)]), bad(Duplicate, "claims.1.skillId"));
    assert_eq!(refused(|i| i.links = vec!["https://a.example".into(); 21]), bad(Invalid, "links"));
    for link in [
        "javascript:alert(1)",
        " JaVaScRiPt:alert(1)",
        "data:text/html,x",
        "http://a.example",
        "ftp://a.example",
    ] {
        assert_eq!(refused(|i| i.links = vec![link.into()]), bad(LinkNotAllowed, "links.0"), "{link}");
    }
    assert_eq!(
        refused(|i| i.links = vec!["https://user:pw@a.example".into()]),
        bad(LinkNotAllowed, "links.0")
    );
    assert_eq!(refused(|i| i.links = vec!["not a link".into()]), bad(Invalid, "links.0"));
}

#[test]
fn everything_wrong_is_reported_at_once() {
    let all = refused(|i| {
        i.title.clear();
        i.links = vec!["https://a.example".into(), "javascript:x".into()];
        i.on = today() + Days::new(400);
        i.claims.clear();
    });
    let fields: Vec<&str> = all.iter().map(|(_, field)| field.as_str()).collect();
    assert_eq!(fields, ["title", "links.1", "occurredOn", "claims"]);
}
