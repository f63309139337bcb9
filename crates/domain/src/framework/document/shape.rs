//! From nodes to a draft: every field read, with its place kept for the checks that follow.

use super::fields::{Fields, Placed};
use super::node::Node;
use crate::framework::{
    Content, PositionSpec, PrerequisiteSpec, RequirementSpec, ScaleStep, SkillDomain, SkillKind, SkillSpec,
    SpecialisationSpec, TechnologyCategory, Track,
};
use crate::kernel::{Key, Level, RefusalCode, Refusals, Text};

/// A document as read. `None` stands for a field whose problem has been noted.
pub(super) struct Draft {
    pub key: Option<Placed<Key>>,
    pub title: Option<String>,
    pub description: String,
    pub scale: Vec<DraftStep>,
    pub domains: Vec<Entry>,
    pub skills: Vec<DraftSkill>,
    pub tracks: Vec<Entry>,
    pub positions: Vec<DraftPosition>,
    pub specialisations: Vec<DraftSpecialisation>,
}

/// What a domain, track, position, skill and specialisation all have.
pub(super) struct Entry {
    pub key: Option<Placed<Key>>,
    pub title: Option<Placed<String>>,
    pub description: String,
}

pub(super) struct DraftStep {
    pub level: Option<Placed<Level>>,
    pub name: Option<String>,
    pub description: String,
}

/// The skill that is needed, and up to which level.
type DraftPrerequisite = (Option<Placed<Key>>, Option<Placed<Level>>);

pub(super) struct DraftSkill {
    pub entry: Entry,
    pub domain: Option<Placed<Key>>,
    pub kind: Option<Placed<SkillKind>>,
    pub category: Option<Placed<TechnologyCategory>>,
    pub aliases: Vec<Placed<String>>,
    pub effort: Option<u32>,
    pub criteria: Option<[String; 5]>,
    pub prerequisites: Vec<DraftPrerequisite>,
    pub retired: Option<bool>,
}

pub(super) struct DraftRequirement {
    pub skill: Option<Placed<Key>>,
    pub level: Option<Placed<Level>>,
    pub weight: Option<f64>,
    pub mandatory: Option<bool>,
}

pub(super) struct DraftPosition {
    pub entry: Entry,
    pub track: Option<Placed<Key>>,
    pub rank: Option<Placed<u32>>,
    pub requirements: Vec<DraftRequirement>,
}

pub(super) struct DraftSpecialisation {
    pub entry: Entry,
    pub requirements: Vec<DraftRequirement>,
}

/// Reads the whole document.
pub(super) fn read(root: &Node, problems: &mut Refusals) -> Draft {
    let mut fields = Fields::of(root, "", problems);
    fields.one_of("format", &[((), super::FORMAT)], true);
    let draft = Draft {
        key: fields.key("key"),
        title: fields.text("title", Text::TITLE).map(|title| title.value),
        description: fields.optional_text("description", Text::DESCRIPTION),
        scale: fields.each("scale", true, step),
        domains: fields.each("domains", true, entry),
        skills: fields.each("skills", true, skill),
        tracks: fields.each("tracks", true, entry),
        positions: fields.each("positions", true, position),
        specialisations: fields.each("specialisations", false, specialisation),
    };
    fields.finish();
    draft
}

fn entry(fields: &mut Fields<'_, '_>) -> Entry {
    Entry {
        key: fields.key("key"),
        title: fields.text("title", Text::TITLE),
        description: fields.optional_text("description", Text::DESCRIPTION),
    }
}

fn step(fields: &mut Fields<'_, '_>) -> DraftStep {
    DraftStep {
        level: fields.level("level", 0),
        name: fields.text("name", Text::TITLE).map(|name| name.value),
        description: fields.optional_text("description", Text::DESCRIPTION),
    }
}

fn skill(fields: &mut Fields<'_, '_>) -> DraftSkill {
    DraftSkill {
        entry: entry(fields),
        domain: fields.key("domain"),
        kind: fields.one_of("kind", &SkillKind::NAMES, true),
        category: fields.one_of("category", &TechnologyCategory::NAMES, false),
        aliases: fields.texts("aliases", Text::TITLE),
        effort: fields.number("effort", (1, 10), Some(3)).map(|effort| effort.value),
        criteria: fields.map("criteria", criteria).flatten(),
        prerequisites: fields.each("prerequisites", false, |f| (f.key("skill"), f.level("level", 1))),
        retired: fields.flag("retired"),
    }
}

fn criteria(fields: &mut Fields<'_, '_>) -> Option<[String; 5]> {
    let mut criterion = |level: &str| fields.text(level, Text::STATEMENT).map(|text| text.value);
    let all = ["1", "2", "3", "4", "5"].map(&mut criterion);
    let [Some(one), Some(two), Some(three), Some(four), Some(five)] = all else { return None };
    Some([one, two, three, four, five])
}

fn requirement(fields: &mut Fields<'_, '_>) -> DraftRequirement {
    DraftRequirement {
        skill: fields.key("skill"),
        level: fields.level("level", 1),
        weight: fields.weight("weight"),
        mandatory: fields.flag("mandatory"),
    }
}

fn position(fields: &mut Fields<'_, '_>) -> DraftPosition {
    DraftPosition {
        entry: entry(fields),
        track: fields.key("track"),
        rank: fields.number("rank", (1, 100), None),
        requirements: fields.each("requirements", true, requirement),
    }
}

fn specialisation(fields: &mut Fields<'_, '_>) -> DraftSpecialisation {
    DraftSpecialisation { entry: entry(fields), requirements: fields.each("requirements", true, requirement) }
}

impl Draft {
    /// The content, unless something that it needs was a problem.
    pub fn into_content(self) -> Option<Content> {
        Some(Content {
            key: self.key?.value,
            title: self.title?,
            description: self.description,
            scale: all(self.scale, DraftStep::into_step)?,
            domains: all(self.domains, |entry| {
                let (key, title, description) = entry.into_parts()?;
                Some(SkillDomain { key, title, description })
            })?,
            skills: all(self.skills, DraftSkill::into_skill)?,
            tracks: all(self.tracks, |entry| {
                let (key, title, description) = entry.into_parts()?;
                Some(Track { key, title, description })
            })?,
            positions: all(self.positions, DraftPosition::into_position)?,
            specialisations: all(self.specialisations, DraftSpecialisation::into_specialisation)?,
        })
    }
}

fn all<T, U>(items: Vec<T>, convert: impl FnMut(T) -> Option<U>) -> Option<Vec<U>> {
    items.into_iter().map(convert).collect()
}

impl Entry {
    fn into_parts(self) -> Option<(Key, String, String)> {
        Some((self.key?.value, self.title?.value, self.description))
    }
}

impl DraftStep {
    fn into_step(self) -> Option<ScaleStep> {
        Some(ScaleStep { level: self.level?.value, name: self.name?, description: self.description })
    }
}

impl DraftSkill {
    fn into_skill(self) -> Option<SkillSpec> {
        let (key, title, description) = self.entry.into_parts()?;
        Some(SkillSpec {
            key,
            domain: self.domain?.value,
            title,
            kind: self.kind?.value,
            category: self.category.map(|category| category.value),
            aliases: self.aliases.into_iter().map(|alias| alias.value).collect(),
            description,
            effort: u8::try_from(self.effort?).ok()?,
            criteria: self.criteria?,
            prerequisites: all(self.prerequisites, |(skill, level)| {
                Some(PrerequisiteSpec { skill: skill?.value, level: level?.value })
            })?,
            retired: self.retired?,
        })
    }
}

impl DraftRequirement {
    fn into_requirement(self) -> Option<RequirementSpec> {
        Some(RequirementSpec {
            skill: self.skill?.value,
            level: self.level?.value,
            weight: self.weight?,
            mandatory: self.mandatory?,
        })
    }
}

impl DraftPosition {
    fn into_position(self) -> Option<PositionSpec> {
        let (key, title, description) = self.entry.into_parts()?;
        Some(PositionSpec {
            key,
            title,
            track: self.track?.value,
            rank: self.rank?.value,
            description,
            requirements: all(self.requirements, DraftRequirement::into_requirement)?,
        })
    }
}

impl DraftSpecialisation {
    fn into_specialisation(self) -> Option<SpecialisationSpec> {
        let (key, title, description) = self.entry.into_parts()?;
        let requirements = all(self.requirements, DraftRequirement::into_requirement)?;
        Some(SpecialisationSpec { key, title, description, requirements })
    }
}

impl Entry {
    /// A refusal at the entry's key.
    pub fn refuse(&self, problems: &mut Refusals, code: RefusalCode, message: String) {
        if let Some(key) = &self.key {
            problems.push(key.refuse(code, message));
        }
    }
}
