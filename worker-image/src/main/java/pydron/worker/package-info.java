/// The worker: the agent on one machine that pulls tasks from the scheduler, runs them in Python task processes which
/// it supervises, and pushes the results back.
///
/// It decides nothing that another machine would have to know: which task runs where, what is tried again, what an
/// error means to the user are the scheduler's business. It never looks into a pickle.
///
/// [pydron.worker.Worker] is the way in. Inside, [pydron.worker.Agent] holds the state; [pydron.worker.Link] is its
/// side towards the scheduler, [pydron.worker.Pool] and [pydron.worker.TaskProcess] are its side towards Python.
package pydron.worker;
