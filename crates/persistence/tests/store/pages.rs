//! Keyset pages: every entry once, in order, forward and backward, with equal sort values too.

use crate::given::World;
use waymark_domain::people::import_people;
use waymark_domain::ports::{PageKey, PageRequest, PeopleFilter, PeopleReader};

on_both_databases!(every_entry_once_in_both_directions, an_entry_that_goes_away_hides_no_other);

async fn crowd(world: &World) {
    let mut csv = String::from("external_id,name\n");
    for number in 0..23 {
        // Only five names: ties are broken by id.
        csv.push_str(&format!("p{number},Name {}\n", number % 5));
    }
    import_people(&world.persistence, &*world.ids, &world.by("noor").await, &csv).await.unwrap();
}

async fn walk(world: &World, limit: u32, backward: bool) -> Vec<PageKey> {
    let (viewer, mut from, mut keys) = (world.viewer().await, None, Vec::new());
    loop {
        let request = PageRequest { limit, backward, from: from.clone() };
        let page = world.persistence.people(&viewer, &PeopleFilter::default(), request).await.unwrap();
        let mut these: Vec<PageKey> = page.items.into_iter().map(|(key, _)| key).collect();
        assert_eq!(from.is_some(), if backward { page.has_next } else { page.has_previous });
        from = if backward { these.first().cloned() } else { these.last().cloned() };
        if backward {
            these.reverse();
        }
        keys.extend(these);
        if !(if backward { page.has_previous } else { page.has_next }) {
            return keys;
        }
    }
}

async fn every_entry_once_in_both_directions(world: World) {
    crowd(&world).await;
    let whole = walk(&world, 100, false).await;
    assert_eq!(whole.len(), 23);
    assert!(whole.is_sorted_by_key(|key| (key.sort.clone(), key.id)));
    for limit in [1, 5, 22, 23] {
        assert_eq!(walk(&world, limit, false).await, whole, "forward by {limit}");
        let mut backward = walk(&world, limit, true).await;
        backward.reverse();
        assert_eq!(backward, whole, "backward by {limit}");
    }
    let viewer = world.viewer().await;
    assert_eq!(world.persistence.people_count(&viewer, &PeopleFilter::default()).await.unwrap(), 23);
}

async fn an_entry_that_goes_away_hides_no_other(world: World) {
    crowd(&world).await;
    let viewer = world.viewer().await;
    let whole = walk(&world, 100, false).await;
    // The cursor's own entry is renamed to the end between two pages.
    let gone = whole[4].clone();
    let people = world.persistence.people_by_ids(&viewer, &[gone.id.into()]).await.unwrap();
    let external = &people.values().next().unwrap().external_id;
    let csv = format!("external_id,name\n{external},Zoe\n");
    import_people(&world.persistence, &*world.ids, &world.by("noor").await, &csv).await.unwrap();
    let request = PageRequest { limit: 3, backward: false, from: Some(gone) };
    let page = world.persistence.people(&viewer, &PeopleFilter::default(), request).await.unwrap();
    let keys: Vec<PageKey> = page.items.into_iter().map(|(key, _)| key).collect();
    assert_eq!(keys, whole[5..8]);
}
