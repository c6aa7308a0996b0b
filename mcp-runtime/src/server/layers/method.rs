//! A method with a layer around it.

use std::sync::Arc;

use super::Layer;
use super::invocation::Invocation;
use super::reply::{Next, PendingMethod, Reply};
use crate::protocol::completion::Completion;
use crate::protocol::error::Error;
use crate::protocol::prompts::PromptResult;
use crate::protocol::resource_page::ResourcePage;
use crate::protocol::resources::ReadResult;
use crate::protocol::tools::ToolResult;
use crate::server::call::arguments::Arguments;
use crate::server::call::{Method, MethodFuture};
use crate::server::context::request::RequestContext;
use crate::server::declare::item::{ItemId, ItemKind};

/// A layer whose type is erased, which wraps methods with each type of result.
pub(crate) trait AnyLayer: Send + Sync {
    fn wrap_tool(self: Arc<Self>, method: Box<dyn Method<ToolResult>>, item: ItemId) -> Box<dyn Method<ToolResult>>;

    fn wrap_resource(self: Arc<Self>, method: Box<dyn Method<ReadResult>>, item: ItemId)
    -> Box<dyn Method<ReadResult>>;

    fn wrap_prompt(
        self: Arc<Self>,
        method: Box<dyn Method<PromptResult>>,
        item: ItemId,
    ) -> Box<dyn Method<PromptResult>>;

    fn wrap_completion(
        self: Arc<Self>,
        method: Box<dyn Method<Completion>>,
        item: ItemId,
    ) -> Box<dyn Method<Completion>>;

    fn wrap_list(self: Arc<Self>, method: Box<dyn Method<ResourcePage>>, item: ItemId)
    -> Box<dyn Method<ResourcePage>>;
}

macro_rules! wraps {
    ($($wrap:ident: $result:ident;)*) => {
        impl<L: Layer> AnyLayer for L {
            $(fn $wrap(
                self: Arc<Self>,
                method: Box<dyn Method<$result>>,
                item: ItemId,
            ) -> Box<dyn Method<$result>> {
                Box::new(LayeredMethod { layer: self, method, item })
            })*
        }
    };
}
wraps! {
    wrap_tool: ToolResult;
    wrap_resource: ReadResult;
    wrap_prompt: PromptResult;
    wrap_completion: Completion;
    wrap_list: ResourcePage;
}

/// A method with one layer around it. The method can be such a one, too.
struct LayeredMethod<L, T> {
    layer: Arc<L>,
    method: Box<dyn Method<T>>,
    item: ItemId,
}

impl<L: Layer, T: MethodResult> Method<T> for LayeredMethod<L, T> {
    fn call<'a>(&'a self, arguments: Arguments<'a>, request: &'a Arc<RequestContext>) -> MethodFuture<'a, T> {
        // One box for both the layer and this: the future of the layer is in it.
        Box::pin(async move {
            let invocation = Invocation { item: self.item, arguments: arguments.given_by_client(), request };
            let next = Next(T::pending(self.method.call(arguments, request)));
            let reply = self.layer.call(&invocation, next).await?;
            T::of_reply(reply)
                .ok_or_else(|| Error::internal("A layer has replied with the result of another kind of item"))
        })
    }

    fn clone_boxed(&self) -> Box<dyn Method<T>> {
        Box::new(Self { layer: Arc::clone(&self.layer), method: self.method.clone_boxed(), item: self.item })
    }
}

/// The result of a method, which layers see as a [`Reply`].
pub(crate) trait MethodResult: Sized + Send + 'static {
    const KIND: ItemKind;

    /// Puts a layer around a method.
    fn wrap(layer: Arc<dyn AnyLayer>, method: Box<dyn Method<Self>>, item: ItemId) -> Box<dyn Method<Self>>;

    fn pending(method: MethodFuture<'_, Self>) -> PendingMethod<'_>;

    /// Takes the result out of a reply of the same kind.
    fn of_reply(reply: Reply) -> Option<Self>;
}

macro_rules! results {
    ($($result:ident: $kind:ident, $wrap:ident;)*) => {$(
        impl MethodResult for $result {
            const KIND: ItemKind = ItemKind::$kind;

            fn wrap(
                layer: Arc<dyn AnyLayer>,
                method: Box<dyn Method<Self>>,
                item: ItemId,
            ) -> Box<dyn Method<Self>> {
                layer.$wrap(method, item)
            }

            fn pending(method: MethodFuture<'_, Self>) -> PendingMethod<'_> {
                PendingMethod::$kind(method)
            }

            fn of_reply(reply: Reply) -> Option<Self> {
                if let Reply::$kind(result) = reply { Some(result) } else { None }
            }
        }
    )*};
}
results! {
    ToolResult: Tool, wrap_tool;
    ReadResult: Resource, wrap_resource;
    PromptResult: Prompt, wrap_prompt;
    Completion: Completion, wrap_completion;
    ResourcePage: List, wrap_list;
}
