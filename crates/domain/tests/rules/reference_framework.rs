//! The shipped reference framework: whole, and worth reading.

use crate::given::{now, tenant};
use std::collections::HashSet;
use waymark_domain::framework::{Catalogue, Content, FrameworkVersion, SkillKind, document};
use waymark_domain::kernel::FrameworkId;

fn content() -> Content {
    document::parse(include_str!("../../../server/content/backend-developer.yaml")).unwrap()
}

pub fn catalogue() -> Catalogue {
    let framework = FrameworkId::for_key(tenant().id, "backend-developer");
    Catalogue::of(FrameworkVersion::draft(framework, None, content(), now()))
}

#[test]
fn its_size() {
    let content = content();
    let prerequisites: usize = content.skills.iter().map(|skill| skill.prerequisites.len()).sum();
    let requirements: usize = content.positions.iter().map(|position| position.requirements.len()).sum();
    assert!(content.skills.len() >= 80, "{} skills", content.skills.len());
    assert!(prerequisites >= 100, "{prerequisites} prerequisites");
    assert!(requirements >= 200, "{requirements} requirements");
    assert_eq!(content.tracks.len(), 2);
    assert_eq!(content.specialisations.len(), 3);
    let technical = content.domains.iter().filter(|domain| {
        let skills = content.skills.iter().filter(|skill| skill.domain == domain.key);
        let kinds: Vec<SkillKind> = skills.map(|skill| skill.kind).collect();
        kinds.len() >= 8 && kinds.iter().all(|kind| *kind == SkillKind::Competency)
    });
    assert!(technical.count() >= 6, "six technical domains of about eight skills");
    assert!(content.skills.iter().filter(|skill| skill.kind == SkillKind::Practice).count() >= 5);
}

#[test]
fn every_technology_of_the_role_is_found_by_its_usual_names() {
    let catalogue = catalogue();
    let names = [
        "Python",
        "Java",
        "JavaScript",
        "Node.js",
        "Ruby",
        "Go",
        "Golang",
        "C#",
        "Django",
        "Spring",
        "Spring Boot",
        "Express",
        ".NET",
        "Flask",
        "Laravel",
        "PostgreSQL",
        "Postgres",
        "MySQL",
        "MongoDB",
        "Redis",
        "AWS",
        "Docker",
        "Kubernetes",
        "K8s",
        "CI/CD",
    ];
    let missing: Vec<_> = names.iter().filter(|name| catalogue.find_skill(name).is_none()).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn criteria_say_something_and_nothing_twice() {
    let content = content();
    let mut seen = HashSet::new();
    for skill in &content.skills {
        for (index, text) in skill.criteria.iter().enumerate() {
            assert!(text.split_whitespace().count() >= 6, "{} level {}: {text}", skill.key, index + 1);
            assert!(seen.insert(text), "{} says what another says: {text}", skill.key);
        }
    }
}

#[test]
fn security_is_mandatory_from_senior_up_and_positions_ask_more_as_they_rise() {
    let catalogue = catalogue();
    let content = catalogue.content();
    let security: HashSet<_> = content
        .skills
        .iter()
        .filter(|s| s.domain.as_str() == "security-and-access")
        .map(|s| &s.key)
        .collect();
    for track in &content.tracks {
        let mut positions: Vec<_> = content.positions.iter().filter(|p| p.track == track.key).collect();
        positions.sort_by_key(|position| position.rank);
        assert!(positions.len() >= 3, "{}", track.key);
        let demand = |p: &&waymark_domain::framework::PositionSpec| -> u32 {
            p.requirements.iter().map(|r| u32::from(r.level.get())).sum()
        };
        assert!(positions.is_sorted_by_key(demand), "{} asks more at each rank", track.key);
    }
    let engineers = content.positions.iter().filter(|position| {
        ["senior", "staff", "principal"].iter().any(|name| position.key.as_str().contains(name))
    });
    for position in engineers {
        let mandatory = position.requirements.iter().any(|r| r.mandatory && security.contains(&r.skill));
        assert!(mandatory, "{}", position.key);
    }
}
