use codec::Code;

#[derive(Code, Clone, Copy)]
#[code(len = 1)]
enum Entry {
    #[code("IC")]
    Ic,
    #[code("S")]
    Swiped,
    Other(Code<1>),
}

fn main() {}
