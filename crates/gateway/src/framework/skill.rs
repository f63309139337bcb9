//! Types of skills.

use crate::relay::{GlobalId, NodeType};
use async_graphql::{Enum, ID, Object, Result, SimpleObject};
use std::sync::Arc;
use waymark_domain::framework::{Catalogue, SkillSpec};
use waymark_domain::kernel::SkillId;

/// What kind of ability a skill is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "waymark_domain::framework::SkillKind")]
pub enum SkillKind {
    /// An ability that outlives tools.
    Competency,
    /// A tool, language, framework or service.
    Technology,
    /// A habit of the daily work.
    Practice,
    /// Working with others.
    Collaboration,
}

/// What kind of technology a skill is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "waymark_domain::framework::TechnologyCategory")]
pub enum TechnologyCategory {
    /// A programming language or its runtime.
    Language,
    /// A framework or library to build services with.
    Framework,
    /// A database or store.
    Database,
    /// Cloud services, containers, delivery.
    CloudDevops,
}

/// A group of skills that belong together.
pub(crate) struct SkillDomain {
    pub catalogue: Arc<Catalogue>,
    pub index: usize,
}

impl SkillDomain {
    fn spec(&self) -> &waymark_domain::framework::SkillDomain {
        &self.catalogue.content().domains[self.index]
    }
}

/// A group of skills that belong together.
#[Object]
impl SkillDomain {
    /// Names it within the framework.
    async fn key(&self) -> &str {
        self.spec().key.as_str()
    }

    /// Title.
    async fn title(&self) -> &str {
        &self.spec().title
    }

    /// What belongs to it.
    async fn description(&self) -> &str {
        &self.spec().description
    }

    /// Its skills in the document's order.
    #[graphql(complexity = "crate::relay::list_cost(10, child_complexity)")]
    async fn skills(&self) -> Vec<Skill> {
        let key = &self.spec().key;
        let mine = self.catalogue.skills().filter(|(_, skill)| skill.domain == *key);
        mine.map(|(id, _)| Skill { catalogue: self.catalogue.clone(), id }).collect()
    }
}

/// A skill as one framework version describes it.
pub(crate) struct Skill {
    pub catalogue: Arc<Catalogue>,
    pub id: SkillId,
}

impl Skill {
    /// The skill, if this version has it.
    pub fn of(catalogue: Arc<Catalogue>, id: SkillId) -> Option<Self> {
        catalogue.skill(id).is_some().then_some(Self { catalogue, id })
    }

    fn spec(&self) -> Result<&SkillSpec> {
        self.catalogue.skill(self.id).ok_or_else(|| "a skill without its version".into())
    }
}

/// A skill as one framework version describes it.
#[Object]
impl Skill {
    /// Global id; the same over all versions.
    pub(crate) async fn id(&self) -> ID {
        GlobalId::encode(NodeType::Skill, self.id)
    }

    /// Names it within the framework.
    async fn key(&self) -> Result<&str> {
        Ok(self.spec()?.key.as_str())
    }

    /// Title.
    async fn title(&self) -> Result<&str> {
        Ok(&self.spec()?.title)
    }

    /// Key of its domain.
    async fn domain_key(&self) -> Result<&str> {
        Ok(self.spec()?.domain.as_str())
    }

    /// Its kind.
    async fn kind(&self) -> Result<SkillKind> {
        Ok(self.spec()?.kind.into())
    }

    /// Its category, if it is a technology.
    async fn category(&self) -> Result<Option<TechnologyCategory>> {
        Ok(self.spec()?.category.map(Into::into))
    }

    /// Other names under which people look for it.
    #[graphql(complexity = "crate::relay::list_cost(5, child_complexity)")]
    async fn aliases(&self) -> Result<&[String]> {
        Ok(&self.spec()?.aliases)
    }

    /// What it is.
    async fn description(&self) -> Result<&str> {
        Ok(&self.spec()?.description)
    }

    /// Relative cost of rising one level, 1 to 10.
    async fn effort(&self) -> Result<u8> {
        Ok(self.spec()?.effort)
    }

    /// Whether it is no longer asked for.
    async fn retired(&self) -> Result<bool> {
        Ok(self.spec()?.retired)
    }

    /// What can be observed at each level from 1 to 5.
    #[graphql(complexity = "crate::relay::list_cost(5, child_complexity)")]
    async fn criteria(&self) -> Result<Vec<Criterion>> {
        let texts = self.spec()?.criteria.iter();
        Ok((1..).zip(texts).map(|(level, text)| Criterion { level, text: text.clone() }).collect())
    }

    /// Skills that are needed before it.
    #[graphql(complexity = "crate::relay::list_cost(3, child_complexity)")]
    async fn prerequisites(&self) -> Result<Vec<Prerequisite>> {
        let needed = self.spec()?.prerequisites.iter();
        let catalogue = &self.catalogue;
        Ok(needed
            .map(|needed| Prerequisite {
                skill: Skill { catalogue: catalogue.clone(), id: catalogue.skill_id(&needed.skill) },
                level: needed.level.get(),
            })
            .collect())
    }
}

/// What can be observed at a level.
#[derive(SimpleObject)]
pub(crate) struct Criterion {
    /// The level, 1 to 5.
    level: u8,
    /// What can be observed.
    text: String,
}

/// A skill that is needed before another.
#[derive(SimpleObject)]
pub(crate) struct Prerequisite {
    /// The skill.
    skill: Skill,
    /// The least level of it, 1 to 5.
    level: u8,
}
