use codec::Code;

#[derive(Code, Clone, Copy)]
#[code(len = 2)]
enum Entry {
    #[code("IC")]
    Ic,
    #[code("IC")]
    Chip,
    #[code("")]
    Nothing,
    #[code("한")]
    Korean,
    #[code("NFC")]
    Contactless,
    Unmarked,
}

fn main() {}
