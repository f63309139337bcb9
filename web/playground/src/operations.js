// What a newcomer finds in the tabs: one look at themselves, one at the framework, one at live events.

const standing = `# Where do I stand, why, and what should I learn next?
query WhereDoIStand {
  viewer {
    person {
      id
      displayName
      assignment { position { title } }
      readiness {
        score
        eligible
        blockers { message }
        gaps { skill { title } required level missing mandatory }
        nextSkills(first: 3) { skill { title } target path { title } }
      }
    }
  }
}
`;

const framework = `# The role of a backend developer, as a framework of skills and levels.
query Framework {
  framework(key: "backend-developer") {
    publishedVersion {
      title
      number
      positions { id title trackKey rank }
      skills(first: 10) {
        nodes { title kind criteria { level text } prerequisites { skill { title } level } }
      }
    }
  }
}
`;

const events = `# Live: every change of a person's career, as it happens.
# Put the person's id into the variables below, {"person": "..."}:
# the first tab shows yours.
subscription Events($person: ID!) {
  progressEvents(person: $person) { cursor type occurredAt data }
}
`;

export const operations = (headers) => [
  { query: standing, headers, variables: null },
  { query: framework, headers, variables: null },
  { query: events, headers, variables: null },
];
