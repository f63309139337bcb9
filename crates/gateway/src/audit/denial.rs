//! What is noted of a command that was refused, and of what was not shown.

use crate::error::fault_of;
use crate::relay::GlobalId;
use crate::services::{command_context, first_denial, services};
use async_graphql::{Context, Result, Value};
use waymark_domain::audit::{AuditNote, AuditOutcome, note_denial};
use waymark_domain::kernel::{CommandContext, ObjectKind, ObjectRef, Refusal, Refusals};

/// Notes that the command of this field was denied, if it was.
///
/// # Errors
/// Faults, masked: what cannot be noted is not answered either.
pub(crate) async fn note_refusal(ctx: &Context<'_>, refusals: &Refusals) -> Result<()> {
    let (services, context) = (services(ctx)?, command_context(ctx)?);
    let input = input(ctx);
    let named = |refusal: &Refusal| named(input.as_ref()?, refusal);
    note_denial(&*services.audit, &context, refusals, named).await.map_err(|error| fault_of(&error))
}

/// Notes that something was not shown. Of one request the first of each action is noted: who asks for the private fields
/// of a hundred people is seen by one of them, and costs one insert.
///
/// # Errors
/// Faults, masked.
pub(crate) async fn note_denied_read(
    ctx: &Context<'_>,
    action: &str,
    object: Option<ObjectRef>,
    outcome: AuditOutcome,
) -> Result<()> {
    if !first_denial(ctx, action)? {
        return Ok(());
    }
    let context = CommandContext { action: action.to_owned(), ..command_context(ctx)? };
    let note = AuditNote::denied(&context, object, outcome);
    services(ctx)?.audit.note(&[note]).await.map_err(|error| fault_of(&error))
}

/// What the command was given: each mutation takes one input.
fn input(ctx: &Context<'_>) -> Option<Value> {
    let arguments = ctx.field().arguments().ok()?;
    arguments.into_iter().find(|(name, _)| name == "input").map(|(_, value)| value)
}

/// The thing that the caller named: in the field that is at fault, or else what the command is about.
fn named(input: &Value, refusal: &Refusal) -> Option<ObjectRef> {
    let at_fault = refusal.field.iter().try_fold(input, |value, step| match value {
        Value::Object(fields) => fields.get(step.as_str()),
        Value::List(entries) => entries.get(step.parse::<usize>().ok()?),
        _ => None,
    });
    at_fault.and_then(object).or_else(|| foremost(input, refusal.about))
}

fn object(value: &Value) -> Option<ObjectRef> {
    match value {
        Value::String(text) => GlobalId::decode(text)?.object(),
        _ => None,
    }
}

/// People and teams are named along with other things; those are what a command is about. Among people it is the one
/// whom the rule refused it for.
fn foremost(input: &Value, about: Option<ObjectRef>) -> Option<ObjectRef> {
    let Value::Object(fields) = input else { return about };
    fields.values().filter_map(object).chain(about).min_by_key(|object| match object.kind {
        ObjectKind::Team => 3,
        ObjectKind::Person if about.is_none_or(|about| about == *object) => 1,
        ObjectKind::Person => 2,
        _ => 0,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::relay::NodeType;
    use async_graphql::value;
    use uuid::Uuid;
    use waymark_domain::kernel::{DomainId, EvidenceId, PersonId, RefusalCode, SkillId};

    #[test]
    fn a_denial_is_of_the_thing_at_fault_or_of_what_was_named() {
        let (ada, bo) = (PersonId::from(Uuid::from_u128(1)), PersonId::from(Uuid::from_u128(2)));
        let piece = EvidenceId::from(Uuid::from_u128(3));
        let person = |id| GlobalId::encode(NodeType::Person, id).to_string();
        let (first, second) = (person(ada), person(bo));
        let evidence = GlobalId::encode(NodeType::Evidence, piece).to_string();
        let skill = GlobalId::encode(NodeType::Skill, SkillId::from(Uuid::from_u128(4))).to_string();
        let text = evidence.clone();
        let input = value!({ "personId": first, "managerId": second, "claims": [{ "skillId": skill, "of": evidence }] });
        let at = |field: &str| Refusal::of(field, RefusalCode::NotFound, "");
        assert_eq!(named(&input, &at("personId")), Some(ObjectRef::person(ada)));
        assert_eq!(named(&input, &at("managerId")), Some(ObjectRef::person(bo)));
        let evidence = ObjectRef { kind: ObjectKind::Evidence, id: piece.uuid() };
        assert_eq!(named(&input, &at("claims.0.of")), Some(evidence));
        for elsewhere in ["claims.0.skillId", "claims.9.of", "claims.x", "nowhere.at.all", "personId.of"] {
            assert_eq!(named(&input, &at(elsewhere)), Some(ObjectRef::person(ada)), "{elsewhere}");
        }
        let of_bo = Refusal::new(RefusalCode::Forbidden, "").about(ObjectRef::person(bo));
        assert_eq!(named(&input, &of_bo), Some(ObjectRef::person(bo)), "the rule says of whom");
        let decision = value!({ "evidenceId": text });
        assert_eq!(named(&decision, &of_bo), Some(evidence), "what it would have been done to");
        assert_eq!(named(&value!({}), &of_bo), Some(ObjectRef::person(bo)));
        assert_eq!(named(&value!({ "subject": "ada" }), &at("subject")), None);
    }
}
