//! Kinds of evidence.

/// What kind of evidence something is. Decides how much it counts once verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EvidenceKind {
    /// Something that the work left behind: a change, a design, an incident handled.
    WorkArtefact,
    /// A course that ended with a test.
    CourseWithTest,
    /// A course without a test.
    Course,
    /// What a colleague saw.
    PeerFeedback,
    /// What the person says of themselves.
    SelfAssessment,
    /// A claim taken over from elsewhere. Counts nothing by itself.
    ImportedClaim,
}

impl EvidenceKind {
    /// Every kind with its name in rows and events.
    pub const NAMES: [(Self, &'static str); 6] = [
        (Self::WorkArtefact, "WORK_ARTEFACT"),
        (Self::CourseWithTest, "COURSE_WITH_TEST"),
        (Self::Course, "COURSE"),
        (Self::PeerFeedback, "PEER_FEEDBACK"),
        (Self::SelfAssessment, "SELF_ASSESSMENT"),
        (Self::ImportedClaim, "IMPORTED_CLAIM"),
    ];

    /// The kind's name in rows and events.
    #[must_use]
    pub fn name(self) -> &'static str {
        crate::framework::name_in(&Self::NAMES, self)
    }
}
