//! The execution of operations.

use std::pin::pin;
use std::sync::Arc;

use tokio::task::JoinHandle;
use tracing::Instrument as _;

use super::MethodFuture;
use super::arguments::Arguments;
use super::count::RoundGuard;
use super::failure::CalledItem;
use super::request::Request;
use crate::auth::audit::RequestOutcome;
use crate::auth::{Principal, with_token};
use crate::lock::locked;
use crate::panics::catch;
use crate::protocol::client::ClientCapabilities;
use crate::protocol::error::Error;
use crate::protocol::message;
use crate::protocol::response::{CacheScope, ResultBody, ResultKind};
use crate::protocol::tools::ToolResult;
use crate::server::asking::request::answers_must_be_object;
use crate::server::catalog::item::Item;
use crate::server::catalog::operation::{Operation, TaskAction};
use crate::server::catalog::prepared::{PreparedList, PreparedTool};
use crate::server::catalog::resource_list::ResourceList;
use crate::server::catalog::{Catalog, ResourceMatch};
use crate::server::context::request::RequestContext;
use crate::server::declare::rows::TaskSupport;
use crate::server::rates::limiter::RateTarget;
use crate::server::record::recording::Recording;
use crate::server::record::result::OperationResult;
use crate::server::record::span::{record_error, record_tool_error};
use crate::server::tasks::FoundTask;
use crate::server::tasks::shared::unknown_task;
use crate::server::tasks::task::{TaskOutcome, TaskOwner};

impl Catalog {
    /// Runs an operation in the span of its request, and returns its result.
    pub(crate) async fn run<'a>(
        self: &'a Arc<Self>,
        operation: Operation<'a>,
        request: &Arc<RequestContext>,
    ) -> Result<OperationResult<'a>, Error> {
        let _end = request.context.end_with_request();
        if operation.has_verdict() {
            request.context.await_verdict();
        }
        let span = &request.context.span;
        // Pinned in place: awaited directly, a future of this size is copied twice, and its instrument copies it, too.
        let result = if span.is_none() {
            pin!(self.perform(operation, request)).await
        } else {
            pin!(self.perform(operation, request).instrument(span.clone())).await
        };
        if let Err(error) = &result {
            record_error(span, error);
        }
        result
    }

    async fn perform<'a>(
        self: &'a Arc<Self>,
        operation: Operation<'a>,
        request: &Arc<RequestContext>,
    ) -> Result<OperationResult<'a>, Error> {
        let version = request.context.version;
        let (body, kind) = match operation {
            Operation::Known(json) => return Ok(OperationResult::ok(json)),
            Operation::Call { tool, mut arguments } => {
                if let Err(error) = self.count(RateTarget::Tool, &tool.item, request).await {
                    arguments = Err(error);
                }
                if tool.task != TaskSupport::Never
                    && let Some(task) = self.may_become_task(tool, arguments.is_ok(), request)?
                {
                    return task.await;
                }
                let method = arguments.map(|arguments| tool.method.call(arguments, request));
                return pin!(self.finish_call(tool, method, request)).await;
            }
            Operation::Read { found, uri } => {
                let ResourceMatch { resource, values, needed } = *found;
                self.count(RateTarget::Resource, &resource.item, request).await?;
                let texts = values.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
                let arguments = Arguments::of_texts(texts);
                let called = CalledItem { kind: "resource", name: resource.item.key, needed: &needed };
                let round = self.round(RateTarget::Resource, &resource.item, request);
                let result = invoke(called, resource.method.call(arguments, request), request).await;
                let result = RoundGuard::end(round, result);
                if let Some(questions) = self.questions(&result, request) {
                    return questions;
                }
                let result = result.map_err(|error| {
                    called.report(error, Request::of(request)).of_resource(&uri, version).outside_of_tools()
                })?;
                let kind = ResultKind::Cacheable { ttl_ms: resource.ttl_ms, scope: CacheScope::Private };
                (result.write(&uri, resource.mime_type), kind)
            }
            Operation::ListResources(list) => (
                // Boxed, because a call would have to reserve its size.
                Box::pin(self.list_resources(list, request)).await?,
                ResultKind::Cacheable { ttl_ms: 0, scope: CacheScope::Private },
            ),
            Operation::Prompt { prompt, arguments } => {
                self.count(RateTarget::Prompt, &prompt.item, request).await?;
                let called = CalledItem { kind: "prompt", name: prompt.item.key, needed: &prompt.item.needed };
                let round = self.round(RateTarget::Prompt, &prompt.item, request);
                let result = invoke(called, prompt.method.call(arguments?, request), request).await;
                let result = RoundGuard::end(round, result);
                if let Some(questions) = self.questions(&result, request) {
                    return questions;
                }
                let result = result.map_err(|error| called.report(error, Request::of(request)).outside_of_tools())?;
                (result.write(version), ResultKind::Complete)
            }
            Operation::Complete { completion: None, .. } => {
                // Clients complete any argument: an empty result is no error.
                let mut body = ResultBody::new();
                body.raw("completion", br#"{"values":[],"hasMore":false}"#);
                (body, ResultKind::Complete)
            }
            Operation::Complete { item, completion: Some(completion), arguments } => {
                let called = CalledItem { kind: "completion", name: completion.argument, needed: &item.needed };
                let result = invoke(called, completion.method.call(arguments?, request), request).await;
                let result = result.map_err(|error| called.report(error, Request::of(request)).outside_of_tools())?;
                (result.write(), ResultKind::Complete)
            }
            // The dispatcher executes these itself, if its transport has streams and sessions.
            Operation::Listen => return Err(Error::method_not_found("subscriptions/listen")),
            Operation::Subscribe { found, uri, on, .. } => {
                if on {
                    let verdict = self.may_subscribe(*found, Request::of(request)).await;
                    verdict.map_err(|error| error.of_resource(&uri, version).outside_of_tools())?;
                }
                (ResultBody::new(), ResultKind::Complete)
            }
            Operation::List { listing, cursor, hidden } => {
                let guarded = listing.guarded_items().into_iter().filter(|item| !hidden.contains(&item.key));
                let denied = self.denied_items(guarded.collect(), Request::of(request)).await?;
                let is_visible = |item: &Item| !hidden.contains(&item.key) && !denied.contains(&item.key);
                return listing.visible_page(cursor, version, &is_visible).map(OperationResult::ok);
            }
            Operation::SetLevel => (ResultBody::new(), ResultKind::Complete),
            Operation::Task { id, task, action } => {
                // Boxed, because a call would have to reserve its size.
                let body = Box::pin(about_task(&id, task, action, request)).await;
                request.context.decided();
                (body?, ResultKind::Complete)
            }
        };
        Ok(OperationResult::ok(self.finish(body, version, kind)))
    }
}

/// Lists of resources.
impl Catalog {
    /// Fills a page of resources with what the methods of templates return.
    async fn list_resources(
        &self,
        mut list: Box<ResourceList<'_>>,
        request: &Arc<RequestContext>,
    ) -> Result<ResultBody, Error> {
        let denied = self.denied_items(list.guarded_items(), Request::of(request)).await?;
        list.begin(&denied, request.context.version);
        let principal = Principal::of(request.token());
        list.open(&request.context.shared().state_rules().keys, &principal)?;
        while let Some((resource, PreparedList { method, .. }, cursor)) = list.step() {
            let texts = cursor.into_iter().map(|cursor| ("cursor".into(), cursor.into())).collect();
            let called = CalledItem { kind: "list", name: resource.item.key, needed: &resource.item.needed };
            let page = invoke(called, method.call(Arguments::of_texts(texts), request), request).await;
            let added = page.and_then(|page| list.add(page, request.context.version));
            added.map_err(|error| called.report(error, Request::of(request)).outside_of_tools())?;
        }
        list.finish(&request.context.shared().state_rules().keys, principal)
    }
}

/// Calls of tools.
impl Catalog {
    /// Returns the call of a tool that can become a task in this request.
    fn may_become_task<'a>(
        self: &'a Arc<Self>,
        tool: &'a Arc<PreparedTool>,
        has_arguments: bool,
        request: &'a Arc<RequestContext>,
    ) -> Result<Option<impl Future<Output = Result<OperationResult<'static>, Error>> + use<'a>>, Error> {
        let context = &request.context;
        if context.has_tasks() && has_arguments {
            context.task().offer(TaskOwner {
                principal: Principal::of(request.token()),
                account: context.account(),
                needed: tool.item.needed.clone(),
            });
            // Boxed, because few requests are tasks, and all would have to reserve its size.
            return Ok(Some(Box::pin(self.call_as_task(tool, request))));
        }
        if tool.task == TaskSupport::Required && !context.has_tasks() {
            return Err(Error::missing_capability(&ClientCapabilities::tasks()));
        }
        context.task().offer_none();
        Ok(None)
    }

    /// Calls a tool and writes its result. `method` is an error if the arguments are invalid.
    async fn finish_call(
        &self,
        tool: &PreparedTool,
        method: Result<MethodFuture<'_, ToolResult>, Error>,
        request: &Arc<RequestContext>,
    ) -> Result<OperationResult<'static>, Error> {
        let version = request.context.version;
        let called = CalledItem { kind: "tool", name: tool.item.key, needed: &tool.item.needed };
        let round = self.round(RateTarget::Tool, &tool.item, request);
        let result = match method {
            Ok(method) => invoke(called, method, request).await,
            Err(error) => Err(error),
        };
        let result = RoundGuard::end(round, result);
        if let Some(questions) = self.questions(&result, request) {
            return questions;
        }
        let (result, outcome) = match result {
            Ok(result) => {
                let outcome = if result.is_error { RequestOutcome::ToolError } else { RequestOutcome::Ok };
                (result, outcome)
            }
            Err(error) => {
                let mut error = called.report(error, Request::of(request)).of_tool();
                if !self.is_for_model(&error) {
                    return Err(error);
                }
                let mut result = ToolResult::error(error.message());
                // Clients compare structured content with the output schema, also that of an error.
                if !tool.has_output_schema {
                    result.structured_content = error.take_structured();
                }
                (result, RequestOutcome::of_tool(&error))
            }
        };
        if result.is_error {
            record_tool_error(&request.context.span);
        }
        Ok(OperationResult { json: self.finish(result.write(version), version, ResultKind::Complete).into(), outcome })
    }

    /// Calls a tool that can become a task.
    ///
    /// Once it does, the call continues without the request, whose result is the task.
    async fn call_as_task(
        self: &Arc<Self>,
        tool: &Arc<PreparedTool>,
        request: &Arc<RequestContext>,
    ) -> Result<OperationResult<'static>, Error> {
        let catalog = Arc::clone(self);
        let (tool, owned) = (Arc::clone(tool), Arc::clone(request));
        let work = async move {
            let _end = owned.context.end_with_task();
            let mut recording = Recording::begin_task(&owned.context.auditor(), &owned);
            // Parsed again, because the first arguments borrow from the request, which can end before the task.
            let again = message::Request::read_again(owned.context.message());
            let given = again.as_ref().map_or(Ok(&[][..]), |request| request.params.arguments());
            let arguments = given.and_then(|given| Arguments::new(given, &tool.parameters));
            let method = arguments.map(|arguments| tool.method.call(arguments, &owned));
            let result = catalog.finish_call(&tool, method, &owned).await;
            recording.end(&result);
            if let Some(task) = owned.context.begun_task() {
                let outcome = match &result {
                    Ok(result) => TaskOutcome { json: result.json.to_vec(), is_error: false },
                    Err(error) => TaskOutcome::error(error),
                };
                if let Err(error) = locked(owned.context.shared().tasks()).finish(task, outcome) {
                    recording.fail(&error);
                }
            }
            result
        };
        let mut work = AbortOnDrop { work: tokio::spawn(work.in_current_span()), is_task: false };
        tokio::select! {
            biased;
            task = request.context.task().wait() => {
                task.attach(work.work.abort_handle());
                // Every instance has to find the task once the client knows of it.
                if let Some(shared) = request.context.shared().shared_tasks() {
                    request.context.await_verdict();
                    let created = shared.create(task).await;
                    request.context.decided();
                    created?;
                }
                work.is_task = true;
                let json = self.finish(task.created(), request.context.version, ResultKind::Task);
                Ok(OperationResult { json: json.into(), outcome: RequestOutcome::Task })
            }
            result = &mut work.work => result.unwrap_or_else(|_| Err(Error::internal("The server is shutting down"))),
        }
    }

    /// Returns the result that asks the client, if a method failed for lack of answers.
    ///
    /// Any error counts, because the handler may have converted that of the question.
    fn questions<T>(
        &self,
        result: &Result<T, Error>,
        request: &RequestContext,
    ) -> Option<Result<OperationResult<'static>, Error>> {
        let questions = request.context.input_required()?;
        if result.is_ok() {
            request.context.shared().warn_of_ignored_question();
            return None;
        }
        let version = request.context.version;
        Some(questions.map(|body| {
            let json = self.finish(body, version, ResultKind::InputRequired);
            OperationResult { json: json.into(), outcome: RequestOutcome::InputRequired }
        }))
    }
}

/// Runs a method. A panic fails this request only.
///
/// All user code runs in the poll of the future, so that none can panic outside.
async fn invoke<T>(
    called: CalledItem<'_>,
    method: MethodFuture<'_, T>,
    request: &Arc<RequestContext>,
) -> Result<T, Error> {
    let caught = catch(pin!(with_token(request.token().cloned(), method))).await;
    caught.unwrap_or_else(|_| Err(called.panicked()))
}

/// Runs an action on a task of the caller.
async fn about_task(
    id: &str,
    task: Option<FoundTask>,
    action: TaskAction<'_>,
    request: &RequestContext,
) -> Result<ResultBody, Error> {
    if !request.context.has_tasks() {
        return Err(Error::missing_capability(&ClientCapabilities::tasks()));
    }
    match task.ok_or_else(|| unknown_task(id))? {
        FoundTask::Own(task) => match action {
            TaskAction::Get => return Ok(task.current()),
            TaskAction::Update(answers) => task.answer(answers)?,
            TaskAction::Cancel => task.cancel(),
        },
        // Another version of the program runs the task, and only that one knows who may see it.
        FoundTask::Shared(_, address) if address.needed.is_none() => {
            return Err(Error::overloaded("another instance has to serve this request"));
        }
        FoundTask::Shared(shared, address) => {
            // No stream begins before it is known if the engine is available.
            request.context.await_verdict();
            match action {
                TaskAction::Get => return shared.current(&address, id).await,
                TaskAction::Update(answers) => {
                    let answers = answers.ok_or_else(answers_must_be_object)?;
                    shared.update(&address, id, answers.to_owned()).await?;
                }
                TaskAction::Cancel => shared.cancel(&address, id).await?,
            }
        }
    }
    Ok(ResultBody::new())
}

/// Work that is aborted with its request, unless it became a task.
struct AbortOnDrop<T> {
    work: JoinHandle<T>,
    is_task: bool,
}

impl<T> Drop for AbortOnDrop<T> {
    fn drop(&mut self) {
        if !self.is_task {
            self.work.abort();
        }
    }
}
