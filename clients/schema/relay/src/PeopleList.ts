// A list that grows by pages.
import { graphql } from 'relay-runtime';

export const query = graphql`
  query PeopleListQuery {
    viewer {
      administrator
    }
    ...PeopleList_query
  }
`;

export const people = graphql`
  fragment PeopleList_query on Query
  @refetchable(queryName: "PeopleListPaginationQuery")
  @argumentDefinitions(count: { type: "Int", defaultValue: 5 }, cursor: { type: "String" }) {
    people(first: $count, after: $cursor) @connection(key: "PeopleList_people") {
      edges {
        node {
          id
          ...PersonCard_person
        }
      }
    }
  }
`;
