//! I11: how much memory a switch may take beyond what it began with.

use super::Evidence;

/// What is kept for the next load, and what hundreds of payments at once need: three times of what runs are seen to need.
const KEPT_KIB: u64 = 24 * 1024;
/// The page cache of the store, which fills as the store grows.
const CACHE_KIB: u64 = 64 * 1024;

/// In KiB: by what the store takes on disk, where that can be looked at.
pub(super) fn may_grow_kib(evidence: &Evidence) -> u64 {
    let store = evidence.folder.join("data/switch.db").metadata();
    let cached = store.map_or(CACHE_KIB, |store| (store.len() / 1024).min(CACHE_KIB));
    KEPT_KIB + cached
}

#[cfg(test)]
mod tests {
    use std::fs;

    use crate::{
        checker::{Evidence, check_counters},
        switch::Usage,
    };

    #[test]
    fn memory_grows_with_the_store_and_no_further() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("data/switch.db");
        fs::create_dir(folder.path().join("data")).unwrap();
        let is_borne = |grown_mib: u64| {
            let before = Usage { descriptors: 50, threads: 6, memory_kib: 20_000 };
            let after = Usage { memory_kib: before.memory_kib + grown_mib * 1024, ..before };
            let folder = folder.path().to_owned();
            check_counters(&Evidence { usage: Some((before, after)), folder, ..Evidence::default() })
                .is_empty()
        };
        assert!(is_borne(88) && !is_borne(89), "by no store that can be looked at");
        for (store_mib, may_grow_mib) in [(0, 24), (10, 34), (64, 88), (1_000, 88)] {
            // Without a byte of it on the disk.
            fs::File::create(&database).unwrap().set_len(store_mib << 20).unwrap();
            assert!(is_borne(may_grow_mib) && !is_borne(may_grow_mib + 1), "a store of {store_mib} MiB");
        }
    }
}
