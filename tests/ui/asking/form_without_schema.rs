use mcp::Context;

#[derive(serde::Deserialize)]
struct Confirmation {
    confirm: bool,
}

struct Notes;

#[mcp::server]
impl Notes {
    /// Delete every note.
    #[mcp::tool]
    async fn clear(&self, cx: &Context) -> Result<bool, mcp::Error> {
        let answer = cx.elicit::<Confirmation>("confirm", "Delete every note?").await?;
        Ok(answer.accepted().is_some_and(|answer| answer.confirm))
    }
}

fn main() {}
