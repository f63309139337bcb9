//! The one field at the root of a subscription, taken out of the fragments around it: the engine follows only a
//! field that stands there itself, and is silent otherwise.

use async_graphql::Name;
use async_graphql::parser::types::{
    DocumentOperations, ExecutableDocument, OperationDefinition, OperationType, Selection, SelectionSet,
};
use std::collections::HashSet;

/// Takes the root fields of all subscriptions out of their fragments.
pub(super) fn unwrap(document: &mut ExecutableDocument) {
    let source = document.clone();
    let mut changed = false;
    let operations: Vec<&mut OperationDefinition> = match &mut document.operations {
        DocumentOperations::Single(operation) => vec![&mut operation.node],
        DocumentOperations::Multiple(operations) => {
            operations.values_mut().map(|operation| &mut operation.node).collect()
        }
    };
    for operation in operations.into_iter().filter(|operation| operation.ty == OperationType::Subscription) {
        let set = &mut operation.selection_set.node;
        while set.items.iter().any(|item| !matches!(item.node, Selection::Field(_))) {
            changed = true;
            let items = std::mem::take(&mut set.items);
            for item in items {
                match item.node {
                    Selection::Field(_) => set.items.push(item),
                    Selection::InlineFragment(fragment) => {
                        set.items.extend(fragment.node.selection_set.node.items);
                    }
                    Selection::FragmentSpread(spread) => {
                        let fragment = source.fragments.get(&spread.node.fragment_name.node);
                        let items = fragment.map(|fragment| fragment.node.selection_set.node.items.clone());
                        set.items.extend(items.unwrap_or_default());
                    }
                }
            }
        }
    }
    if changed {
        forget_unused(document);
    }
}

/// Fragments that nothing spreads any more would be refused as unused.
fn forget_unused(document: &mut ExecutableDocument) {
    let mut used: HashSet<Name> = HashSet::new();
    let mut open: Vec<&SelectionSet> =
        document.operations.iter().map(|(_, operation)| &operation.node.selection_set.node).collect();
    while let Some(set) = open.pop() {
        for item in &set.items {
            match &item.node {
                Selection::Field(field) => open.push(&field.node.selection_set.node),
                Selection::InlineFragment(fragment) => open.push(&fragment.node.selection_set.node),
                Selection::FragmentSpread(spread) => {
                    let name = &spread.node.fragment_name.node;
                    if used.insert(name.clone()) {
                        open.extend(document.fragments.get(name).map(|f| &f.node.selection_set.node));
                    }
                }
            }
        }
    }
    document.fragments.retain(|name, _| used.contains(name));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_field_stands_alone() {
        let text = "subscription { ...A } fragment A on ProgressSubscription { ... on ProgressSubscription { \
                    e: progressEvents(person: \"x\") { ...B } } } fragment B on ProgressEvent { id }";
        let mut document = async_graphql::parser::parse_query(text).unwrap();
        unwrap(&mut document);
        let DocumentOperations::Single(operation) = &document.operations else { panic!("one operation") };
        let items = &operation.node.selection_set.node.items;
        assert!(matches!(items.as_slice(), [item] if matches!(item.node, Selection::Field(_))));
        let fragments: Vec<&str> = document.fragments.keys().map(Name::as_str).collect();
        assert_eq!(fragments, ["B"], "what is still spread stays");
    }
}
