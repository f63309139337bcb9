//! Typed access to the fields of a mapping. Every problem is noted with its place, and reading goes on.

use super::node::{Field, Node, Place, Value};
use crate::kernel::{Key, Level, Refusal, RefusalCode, Refusals, Text, excerpt};

/// A value together with where it stands.
#[derive(Debug, Clone)]
pub(super) struct Placed<T> {
    pub value: T,
    pub place: Place,
    pub path: String,
}

impl<T> Placed<T> {
    /// A refusal at this place.
    pub fn refuse(&self, code: RefusalCode, message: impl Into<String>) -> Refusal {
        refusal(&self.path, self.place, code, message)
    }
}

fn refusal(path: &str, place: Place, code: RefusalCode, message: impl Into<String>) -> Refusal {
    let refusal = Refusal::new(code, message).on_line(place.line, place.column);
    if path.is_empty() { refusal } else { refusal.at(path) }
}

/// The fields of one mapping, taken out one by one; what is left in the end is unknown.
pub(super) struct Fields<'n, 'p> {
    path: String,
    place: Place,
    left: Vec<(&'n Field, &'n Node)>,
    problems: &'p mut Refusals,
}

impl<'n, 'p> Fields<'n, 'p> {
    /// The fields of this node, which should be a mapping.
    pub fn of(node: &'n Node, path: &str, problems: &'p mut Refusals) -> Self {
        let mut left: Vec<(&Field, &Node)> = Vec::new();
        match &node.value {
            Value::Map(fields) => {
                for (field, value) in fields {
                    if left.iter().any(|(known, _)| known.name == field.name) {
                        let message = format!("The field {} stands here twice.", excerpt(&field.name));
                        let path = join(path, &field.name);
                        problems.push(refusal(&path, field.place, RefusalCode::Duplicate, message));
                    } else {
                        left.push((field, value));
                    }
                }
            }
            _ => {
                let message = format!("A mapping is expected here, not {}.", node.describe());
                problems.push(refusal(path, node.place, RefusalCode::Invalid, message));
            }
        }
        Self { path: path.to_owned(), place: node.place, left, problems }
    }

    fn take(&mut self, name: &str) -> Option<&'n Node> {
        let index = self.left.iter().position(|(field, _)| field.name == name)?;
        let (_, node) = self.left.swap_remove(index);
        (!node.is_null()).then_some(node)
    }

    fn required(&mut self, name: &str) -> Option<&'n Node> {
        let node = self.take(name);
        if node.is_none() {
            let message = format!("The field `{name}` is missing.");
            let path = join(&self.path, name);
            self.problems.push(refusal(&path, self.place, RefusalCode::Required, message));
        }
        node
    }

    fn scalar(&mut self, name: &str, node: &'n Node) -> Option<Placed<&'n str>> {
        let path = join(&self.path, name);
        match &node.value {
            Value::Scalar { text, .. } => Some(Placed { value: text, place: node.place, path }),
            _ => {
                let message = format!("A single value is expected here, not {}.", node.describe());
                self.problems.push(refusal(&path, node.place, RefusalCode::Invalid, message));
                None
            }
        }
    }

    fn parsed<T>(
        &mut self,
        name: &str,
        node: Option<&'n Node>,
        parse: impl FnOnce(&str) -> Result<T, Refusal>,
    ) -> Option<Placed<T>> {
        let node = node?;
        let Placed { value, place, path } = self.scalar(name, node)?;
        match parse(value) {
            Ok(value) => Some(Placed { value, place, path }),
            Err(Refusal { code, message, .. }) => {
                self.problems.push(refusal(&path, place, code, message));
                None
            }
        }
    }

    /// A text that must be there.
    pub fn text(&mut self, name: &str, rules: Text) -> Option<Placed<String>> {
        let node = self.required(name);
        self.parsed(name, node, |text| rules.check(text))
    }

    /// A text that may be missing: then it is empty.
    pub fn optional_text(&mut self, name: &str, rules: Text) -> String {
        let node = self.take(name);
        self.parsed(name, node, |text| rules.check(text)).map(|placed| placed.value).unwrap_or_default()
    }

    /// A key that must be there.
    pub fn key(&mut self, name: &str) -> Option<Placed<Key>> {
        let node = self.required(name);
        self.parsed(name, node, Key::new)
    }

    /// A level from 1 to 5 that must be there.
    pub fn level(&mut self, name: &str, least: i64) -> Option<Placed<Level>> {
        let node = self.required(name);
        self.parsed(name, node, |text| level(text, least))
    }

    /// A whole number within bounds; `default` when it is missing.
    pub fn number(&mut self, name: &str, bounds: (u32, u32), default: Option<u32>) -> Option<Placed<u32>> {
        let node = if default.is_some() { self.take(name) } else { self.required(name) };
        match (node, default) {
            (None, Some(value)) => Some(Placed { value, place: self.place, path: join(&self.path, name) }),
            (node, _) => self.parsed(name, node, |text| whole_number(text, bounds)),
        }
    }

    /// A weight above 0 and at most 10; 1 when it is missing.
    pub fn weight(&mut self, name: &str) -> Option<f64> {
        match self.take(name) {
            None => Some(1.0),
            node => self.parsed(name, node, weight).map(|placed| placed.value),
        }
    }

    /// True or false; false when it is missing.
    pub fn flag(&mut self, name: &str) -> Option<bool> {
        match self.take(name) {
            None => Some(false),
            node => self.parsed(name, node, flag).map(|placed| placed.value),
        }
    }

    /// One of a fixed set of names.
    pub fn one_of<T: Copy>(&mut self, name: &str, names: &[(T, &str)], required: bool) -> Option<Placed<T>> {
        let node = if required { self.required(name) } else { self.take(name) };
        self.parsed(name, node, |text| choice(text, names))
    }

    /// The items of a list; none when it is missing, which is a problem if it is required.
    pub fn list(&mut self, name: &str, required: bool) -> Vec<(String, &'n Node)> {
        let Some(node) = (if required { self.required(name) } else { self.take(name) }) else {
            return Vec::new();
        };
        let path = join(&self.path, name);
        match &node.value {
            Value::List(items) => {
                items.iter().enumerate().map(|(i, item)| (join(&path, &i.to_string()), item)).collect()
            }
            _ => {
                let message = format!("A list is expected here, not {}.", node.describe());
                self.problems.push(refusal(&path, node.place, RefusalCode::Invalid, message));
                Vec::new()
            }
        }
    }

    /// The texts of a list.
    pub fn texts(&mut self, name: &str, rules: Text) -> Vec<Placed<String>> {
        let items = self.list(name, false);
        let mut texts = Vec::new();
        for (path, node) in items {
            let text = match &node.value {
                Value::Scalar { text, .. } => rules.check(text),
                _ => Err(Refusal::new(RefusalCode::Invalid, "A text is expected here.")),
            };
            match text {
                Ok(value) => texts.push(Placed { value, place: node.place, path }),
                Err(Refusal { code, message, .. }) => {
                    self.problems.push(refusal(&path, node.place, code, message));
                }
            }
        }
        texts
    }

    /// The mapping in a field that must be there, read by `read`.
    pub fn map<T>(&mut self, name: &str, read: impl FnOnce(&mut Fields<'_, '_>) -> T) -> Option<T> {
        let node = self.required(name)?;
        let path = join(&self.path, name);
        let mut fields = Fields::of(node, &path, self.problems);
        let value = read(&mut fields);
        fields.finish();
        Some(value)
    }

    /// The mappings of a list, each read by `read`.
    pub fn each<T>(&mut self, name: &str, required: bool, read: impl Fn(&mut Fields<'_, '_>) -> T) -> Vec<T> {
        let items = self.list(name, required);
        items
            .into_iter()
            .map(|(path, node)| {
                let mut fields = Fields::of(node, &path, self.problems);
                let value = read(&mut fields);
                fields.finish();
                value
            })
            .collect()
    }

    /// Notes every field that nobody asked for.
    pub fn finish(self) {
        for (field, _) in self.left {
            let message = format!("The field {} is not known here.", excerpt(&field.name));
            // A name that is no name would only swell the answer.
            let path = if field.name.len() <= 64 { join(&self.path, &field.name) } else { self.path.clone() };
            self.problems.push(refusal(&path, field.place, RefusalCode::UnknownField, message));
        }
    }
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

fn level(text: &str, least: i64) -> Result<Level, Refusal> {
    let refused = || {
        Refusal::new(
            RefusalCode::OffScale,
            format!("Level {} is off the scale: {least} to 5 is possible.", excerpt(text)),
        )
    };
    let number: i64 = text.parse().map_err(|_| refused())?;
    Level::new(number).ok().filter(|level| i64::from(level.get()) >= least).ok_or_else(refused)
}

fn whole_number(text: &str, (least, most): (u32, u32)) -> Result<u32, Refusal> {
    let number = text.parse().ok().filter(|number| (least..=most).contains(number));
    let message = || format!("{} is not a whole number from {least} to {most}.", excerpt(text));
    number.ok_or_else(|| Refusal::new(RefusalCode::Invalid, message()))
}

fn weight(text: &str) -> Result<f64, Refusal> {
    let number = text.parse().ok().filter(|number: &f64| *number > 0.0 && *number <= 10.0);
    let message = || format!("{} is not a weight: a number above 0 and at most 10.", excerpt(text));
    number.ok_or_else(|| Refusal::new(RefusalCode::Invalid, message()))
}

fn flag(text: &str) -> Result<bool, Refusal> {
    text.parse().map_err(|_| {
        Refusal::new(RefusalCode::Invalid, format!("{} is neither true nor false.", excerpt(text)))
    })
}

fn choice<T: Copy>(text: &str, names: &[(T, &str)]) -> Result<T, Refusal> {
    names.iter().find(|(_, name)| *name == text).map(|(value, _)| *value).ok_or_else(|| {
        let known: Vec<_> = names.iter().map(|(_, name)| *name).collect();
        Refusal::new(RefusalCode::Invalid, format!("{} is not one of {}.", excerpt(text), known.join(", ")))
    })
}
