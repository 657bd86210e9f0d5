//! Prints the TypeScript bindings; `./dev gen` writes them to `ui/src/generated/api.ts`.

#[expect(clippy::print_stdout, reason = "printing is what it is for")]
fn main() {
    print!("{}", beffroi_api::typescript());
}
