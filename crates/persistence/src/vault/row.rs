//! What is sealed of which row, and under whose key.

use super::index::{Index, What};
use crate::access::row::grant;
use crate::evidence::row::piece;
use crate::people::row::person;
use crate::privacy::row::erasure;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A row of which a part is sealed.
pub(crate) trait Sealable: Send + Sync {
    /// Its table.
    const TABLE: &'static str;
    /// The part that is sealed.
    type Text: Serialize + DeserializeOwned + Send;
    /// Its id.
    fn id(&self) -> Uuid;
    /// Its tenant.
    fn tenant(&self) -> Uuid;
    /// The person under whose key it is; none: under the tenant's.
    fn person(&self) -> Option<Uuid>;
    /// The sealed part, as it lies in the row.
    fn sealed(&mut self) -> &mut Option<Vec<u8>>;
    /// The key of the person, if it lies in this very row.
    fn data_key(&self) -> Option<&[u8]> {
        None
    }
    /// Whether there is anything to seal.
    fn has_text(&self) -> bool {
        true
    }
    /// Takes the text out; what it is to be found by stays in, hashed.
    fn take(&mut self, index: &Index) -> Self::Text;
    /// Puts the text back.
    fn put(&mut self, text: Self::Text);
}

/// What is sealed of a person.
#[derive(Serialize, Deserialize)]
pub(crate) struct Profile {
    external_id: String,
    display_name: String,
    email: Option<String>,
}

impl Sealable for person::Model {
    const TABLE: &'static str = "person";
    type Text = Profile;

    fn id(&self) -> Uuid {
        self.id
    }
    fn tenant(&self) -> Uuid {
        self.tenant_id
    }
    fn person(&self) -> Option<Uuid> {
        Some(self.id)
    }
    fn sealed(&mut self) -> &mut Option<Vec<u8>> {
        &mut self.sealed
    }
    fn data_key(&self) -> Option<&[u8]> {
        self.data_key.as_deref()
    }
    fn take(&mut self, index: &Index) -> Profile {
        let hashed = index.of(What::ExternalId, &self.external_id);
        let external_id = std::mem::replace(&mut self.external_id, hashed);
        self.email_key = self.email_key.as_ref().map(|key| index.of(What::Email, key));
        Profile {
            external_id,
            display_name: std::mem::take(&mut self.display_name),
            email: self.email.take(),
        }
    }
    fn put(&mut self, text: Profile) {
        self.external_id = text.external_id;
        self.display_name = text.display_name;
        self.email = text.email;
    }
}

/// What is sealed of evidence.
#[derive(Serialize, Deserialize)]
pub(crate) struct Piece {
    title: String,
    body: String,
    links: String,
}

impl Sealable for piece::Model {
    const TABLE: &'static str = "evidence";
    type Text = Piece;

    fn id(&self) -> Uuid {
        self.id
    }
    fn tenant(&self) -> Uuid {
        self.tenant_id
    }
    fn person(&self) -> Option<Uuid> {
        Some(self.person_id)
    }
    fn sealed(&mut self) -> &mut Option<Vec<u8>> {
        &mut self.sealed
    }
    fn take(&mut self, _: &Index) -> Piece {
        let take = std::mem::take;
        Piece { title: take(&mut self.title), body: take(&mut self.body), links: take(&mut self.links) }
    }
    fn put(&mut self, text: Piece) {
        self.title = text.title;
        self.body = text.body;
        self.links = text.links;
    }
}

impl Sealable for grant::Model {
    const TABLE: &'static str = "access_grant";
    type Text = String;

    fn id(&self) -> Uuid {
        self.id
    }
    fn tenant(&self) -> Uuid {
        self.tenant_id
    }
    // Services are nobody's.
    fn person(&self) -> Option<Uuid> {
        None
    }
    fn sealed(&mut self) -> &mut Option<Vec<u8>> {
        &mut self.sealed
    }
    fn take(&mut self, index: &Index) -> String {
        let hashed = index.of(What::ExternalId, &self.subject);
        std::mem::replace(&mut self.subject, hashed)
    }
    fn put(&mut self, text: String) {
        self.subject = text;
    }
}

impl Sealable for erasure::Model {
    const TABLE: &'static str = "erasure_request";
    type Text = Option<String>;

    fn id(&self) -> Uuid {
        self.id
    }
    fn tenant(&self) -> Uuid {
        self.tenant_id
    }
    fn person(&self) -> Option<Uuid> {
        Some(self.person_id)
    }
    fn sealed(&mut self) -> &mut Option<Vec<u8>> {
        &mut self.sealed
    }
    fn has_text(&self) -> bool {
        self.reason.is_some()
    }
    fn take(&mut self, _: &Index) -> Option<String> {
        self.reason.take()
    }
    fn put(&mut self, text: Option<String>) {
        self.reason = text;
    }
}
