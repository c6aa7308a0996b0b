use std::marker::PhantomData;

use mcp::{MemoryClient, server, tool};

struct Notes<T>(PhantomData<T>);

#[server(titel = "Notes")]
impl<T> Notes<T>
where
    T: Clone + Send + Sync + 'static,
{
    /// List every note.
    #[tool]
    fn list(&self) -> Vec<String> {
        Vec::new()
    }
}

fn main() {
    let _ = MemoryClient::new(Notes(PhantomData::<u8>));
}
