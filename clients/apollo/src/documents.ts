// Every operation of this client. `npm run generate` types their variables and their data.
import { graphql } from './generated/gql.js';

export const WhoAmI = graphql(`
  query WhoAmI {
    viewer {
      administrator
      person {
        id
        displayName
      }
    }
  }
`);

export const Standing = graphql(`
  query Standing($person: String!) {
    person(by: { externalId: $person }) {
      id
      displayName
      manager {
        id
        displayName
      }
      readiness {
        score
        eligible
        blockers {
          code
        }
        nextSkills(first: 3) {
          level
          target
          skill {
            id
            title
          }
        }
      }
    }
  }
`);

export const FindSkill = graphql(`
  query FindSkill($framework: String!, $name: String!) {
    framework(key: $framework) {
      id
      publishedVersion {
        id
        skill(name: $name) {
          id
          title
        }
      }
    }
  }
`);

export const People = graphql(`
  query People($first: Int!, $after: String, $where: PeopleWhere, $orderBy: PeopleOrderBy) {
    people(first: $first, after: $after, where: $where, orderBy: $orderBy) {
      edges {
        cursor
        node {
          id
          displayName
        }
      }
      pageInfo {
        endCursor
        hasNextPage
      }
      totalCount
    }
  }
`);

export const EvidenceList = graphql(`
  query EvidenceList($first: Int!, $after: String) {
    evidence(first: $first, after: $after) {
      edges {
        cursor
        node {
          id
          title
          state
        }
      }
      pageInfo {
        endCursor
        hasNextPage
      }
      totalCount
    }
  }
`);

export const EvidenceOf = graphql(`
  query EvidenceOf($person: ID!, $first: Int!, $after: String) {
    person(by: { id: $person }) {
      id
      evidence(first: $first, after: $after) {
        edges {
          cursor
          node {
            id
            title
            state
          }
        }
        pageInfo {
          endCursor
          hasNextPage
        }
      }
    }
  }
`);

export const Anything = graphql(`
  query Anything($id: ID!) {
    viewer {
      administrator
    }
    node(id: $id) {
      __typename
      id
      ... on Person {
        displayName
      }
      ... on Evidence {
        title
        state
      }
    }
  }
`);

export const RecordEvidence = graphql(`
  mutation RecordEvidence($input: RecordEvidenceInput!) {
    recordEvidence(input: $input) {
      evidence {
        id
        title
        state
      }
      userErrors {
        code
        field
        message
      }
    }
  }
`);

export const AcceptEvidence = graphql(`
  mutation AcceptEvidence($input: EvidenceInput!) {
    acceptEvidence(input: $input) {
      evidence {
        id
        state
      }
      userErrors {
        code
        field
        message
      }
    }
  }
`);

export const AttestSkill = graphql(`
  mutation AttestSkill($input: AttestSkillInput!) {
    attestSkill(input: $input) {
      skillRecord {
        id
        attestedLevel
      }
      userErrors {
        code
        field
        message
      }
    }
  }
`);

export const ProgressEvents = graphql(`
  subscription ProgressEvents($person: ID!, $after: String, $fromStart: Boolean) {
    progressEvents(person: $person, after: $after, fromStart: $fromStart) {
      id
      type
      subject
      sequence
      data
      cursor
    }
  }
`);
