//! A published version never changes; what publishing tells the world.

use crate::framework_document::small_document;
use crate::given::{now, tenant};
use waymark_domain::framework::{Content, FrameworkEvent, FrameworkVersion, VersionState, document};
use waymark_domain::kernel::{FrameworkId, Refusal, RefusalCode};

fn content(skills: &[(&str, &[(&str, i64)])]) -> Content {
    document::parse(&small_document(skills, &[("a", 2, 1.0, false)])).unwrap()
}

fn draft(content: Content) -> FrameworkVersion {
    FrameworkVersion::draft(FrameworkId::for_key(tenant().id, "small"), None, content, now())
}

#[test]
fn every_state_and_every_step() {
    use VersionState::{Archived, Deprecated, Draft, InReview, Published};
    type Step = fn(VersionState) -> Result<VersionState, Refusal>;
    let steps: [(&str, Step, VersionState, VersionState); 5] = [
        ("submit", VersionState::submit, Draft, InReview),
        ("send back", VersionState::send_back, InReview, Draft),
        ("publish", VersionState::publish, InReview, Published),
        ("deprecate", VersionState::deprecate, Published, Deprecated),
        ("archive", VersionState::archive, Deprecated, Archived),
    ];
    for (name, step, from, to) in steps {
        for (state, _) in VersionState::NAMES {
            let expected = if state == from { Ok(to) } else { Err(RefusalCode::IllegalTransition) };
            assert_eq!(step(state).map_err(|refusal| refusal.code), expected, "{name} from {state:?}");
        }
    }
}

#[test]
fn a_published_version_never_changes() {
    let (one, two) = (content(&[("a", &[])]), content(&[("a", &[]), ("b", &[])]));
    let mut version = draft(one.clone());
    version.redraft(two.clone()).unwrap();
    version.publish(None, now()).unwrap();
    let published = version.clone();
    assert_eq!(version.redraft(one).unwrap_err().code, RefusalCode::IllegalTransition);
    assert_eq!(version, published);
    version.redraft(two).unwrap();
    version.publish(None, now()).unwrap();
    assert_eq!(version, published, "the same again changes nothing");
}

#[test]
fn publishing_tells_which_skills_are_new_and_which_are_gone() {
    let (before, after) = (content(&[("a", &[]), ("b", &[])]), content(&[("a", &[]), ("c", &[])]));
    let mut version = draft(after);
    version.events.clear();
    version.publish(Some(&before), now()).unwrap();
    let told: Vec<String> = version
        .events
        .iter()
        .map(|event| match event {
            FrameworkEvent::SkillDefined { key, .. } => format!("new {key}"),
            FrameworkEvent::SkillRetired { key, .. } => format!("gone {key}"),
            FrameworkEvent::PositionDefined { key, .. } => format!("position {key}"),
            FrameworkEvent::Published { number, .. } => format!("published {number}"),
            FrameworkEvent::Drafted { .. } => "drafted".to_owned(),
        })
        .collect();
    assert_eq!(told, ["new c", "gone b", "position engineer", "published 1"]);
}

#[test]
fn ids_of_skills_are_stable_over_versions_those_of_positions_are_not() {
    use waymark_domain::kernel::{FrameworkVersionId, PositionId, SkillId};
    let framework = FrameworkId::for_key(tenant().id, "small");
    let version = |number| FrameworkVersionId::for_version(framework, number);
    assert_eq!(SkillId::for_key(framework, "a"), SkillId::for_key(framework, "a"));
    assert_ne!(PositionId::for_key(version(1), "engineer"), PositionId::for_key(version(2), "engineer"));
    let elsewhere = FrameworkId::for_key(waymark_domain::kernel::Tenant::named("other").id, "small");
    assert_ne!(SkillId::for_key(framework, "a"), SkillId::for_key(elsewhere, "a"), "tenants share no id");
}
