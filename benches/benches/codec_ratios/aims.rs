//! What the codec must reach.

use benches::cases::{OURS, Operation, Source};

use crate::Allocations;
use crate::rounds::Figure;
use crate::table::{copy_of, is_beside};

/// One thing to reach.
struct Aim {
    layout: &'static str,
    source: Source,
    operation: Operation,
    bound: Bound,
}

/// How it is judged.
enum Bound {
    /// At most so many times the copy of the same telegrams.
    OfCopy(f64),
    /// At least so many times as fast as that peer.
    FasterThan(&'static str, f64),
}

const fn aim(layout: &'static str, source: Source, operation: Operation, bound: Bound) -> Aim {
    Aim { layout, source, operation, bound }
}

const AIMS: [Aim; 7] = [
    aim("card450-request", Source::Cache, Operation::View, Bound::OfCopy(4.0)),
    aim("card450-request", Source::Cache, Operation::Eager, Bound::OfCopy(10.0)),
    aim("card450-request", Source::Cache, Operation::Encode, Bound::OfCopy(8.0)),
    aim("card450-request", Source::Memory, Operation::View, Bound::OfCopy(1.0)),
    aim("wide", Source::Memory, Operation::View, Bound::OfCopy(1.0)),
    aim("card450-request", Source::Cache, Operation::Eager, Bound::FasterThan("fwf", 2.0)),
    aim("card450-request", Source::Cache, Operation::Eager, Bound::FasterThan("fixed_width", 30.0)),
];

/// Every aim that is missed, with what was found.
pub(crate) fn missed(figures: &[Figure], allocations: Option<&Allocations>) -> Vec<String> {
    let ratios = AIMS.iter().filter_map(|aim| judge(aim, figures));
    let allocating = figures.iter().filter_map(|figure| allocates(figure, allocations?));
    ratios.chain(allocating).collect()
}

fn allocates(figure: &Figure, allocations: &Allocations) -> Option<String> {
    if figure.who != OURS || figure.source != Source::Cache || !must_not_allocate(figure.operation) {
        return None;
    }
    match allocations.get(&figure.name) {
        Some(0.0) => None,
        Some(count) => Some(format!("{}: expected no allocation, found {count} a telegram", figure.name)),
        None => Some(format!("{}: its allocations were not counted", figure.name)),
    }
}

fn judge(aim: &Aim, figures: &[Figure]) -> Option<String> {
    let ours = figures.iter().find(|figure| {
        figure.layout == aim.layout
            && figure.source == aim.source
            && figure.operation == aim.operation
            && figure.who == OURS
    });
    let ours = ours.expect("an aim is about a case there is");
    match aim.bound {
        Bound::OfCopy(most) => {
            let copy = copy_of(ours, figures).expect("every layout is copied");
            let found = ours.nanoseconds / copy.nanoseconds;
            (found > most)
                .then(|| format!("{}: expected at most {most} of memcpy, found {found:.2}", ours.name))
        }
        Bound::FasterThan(peer, least) => {
            let theirs = figures.iter().find(|figure| is_beside(ours, figure) && figure.who == peer);
            let found = theirs.expect("an aim is about a peer there is").nanoseconds / ours.nanoseconds;
            (found < least).then(|| {
                format!("{}: expected at least {least} times as fast as {peer}, found {found:.1}", ours.name)
            })
        }
    }
}

fn must_not_allocate(operation: Operation) -> bool {
    match operation {
        Operation::View | Operation::Eager | Operation::Encode => true,
        Operation::Copy | Operation::Frame | Operation::Unframe => false,
    }
}
