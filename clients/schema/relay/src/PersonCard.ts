// A part of a page that can be fetched anew by itself: Relay does it through `node`. It is only compiled here, so
// relay-runtime is not installed.
import { graphql } from 'relay-runtime';

export const person = graphql`
  fragment PersonCard_person on Person
  @refetchable(queryName: "PersonCardRefetchQuery")
  @argumentDefinitions(count: { type: "Int", defaultValue: 3 }, cursor: { type: "String" }) {
    displayName
    evidence(first: $count, after: $cursor) @connection(key: "PersonCard_evidence") {
      edges {
        node {
          title
          state
        }
      }
    }
  }
`;
