-- Drives the debug adapter through Neovim and nvim-dap, headless: launch, breakpoint, step, variables, evaluate, exit.
-- test/dap/neovim.test.ts runs it and reads what it prints. NODE, CLI and FILE (fib.wat) say what to run.

local dap = require('dap')
dap.adapters.wasmscope = {
  type = 'executable',
  command = os.getenv('NODE'),
  args = { os.getenv('CLI'), 'dap' },
}

local function say(...)
  io.stdout:write(table.concat({ ... }, ' ') .. '\n')
end

local function wait_for(what, condition)
  if not vim.wait(20000, condition, 20) then
    say('waited in vain for ' .. what)
    vim.cmd('cquit 1')
  end
end

local output, exited = {}, nil
dap.listeners.after.event_output['drive'] = function(_, body)
  table.insert(output, body.output)
end
dap.listeners.after.event_exited['drive'] = function(_, body)
  exited = body.exitCode
end

local function stopped(what, before)
  wait_for(what, function()
    local session = dap.session()
    local frame = session and session.stopped_thread_id and session.current_frame
    return frame and frame.scopes and frame.id ~= before
  end)
  local frame = dap.session().current_frame
  say(what .. ':', frame.name, frame.line .. ':' .. frame.column, 'cursor', vim.api.nvim_win_get_cursor(0)[1])
  return frame
end

local function ask(command, args)
  local done, answer, refused
  dap.session():request(command, args, function(err, body)
    done, refused, answer = true, err, body
  end)
  wait_for(command, function()
    return done
  end)
  if refused then
    say(command, 'refused:', tostring(refused.message))
  end
  return answer
end

vim.cmd('edit ' .. vim.fn.fnameescape(os.getenv('FILE')))
vim.api.nvim_win_set_cursor(0, { 4, 0 })
dap.set_breakpoint()
dap.run({
  type = 'wasmscope',
  request = 'launch',
  name = 'fib',
  program = os.getenv('FILE'),
  invoke = { ['function'] = 'fib', args = { 3 } },
})
local frame = stopped('breakpoint')
for _, scope in ipairs(frame.scopes) do
  for _, variable in ipairs(ask('variables', { variablesReference = scope.variablesReference }).variables) do
    say(scope.name .. ':', variable.name, '=', variable.value)
  end
end
say('evaluate:', ask('evaluate', { expression = '$n * 2', frameId = frame.id, context = 'repl' }).result)
dap.step_over()
frame = stopped('step over', frame.id)
dap.step_into()
frame = stopped('step into', frame.id)
dap.clear_breakpoints()
ask('threads', nil)
dap.continue()
wait_for('the end', function()
  return exited ~= nil and #output > 0
end)
say('exit code', exited, 'output:', (table.concat(output):gsub('\n', '')))
wait_for('the end of the session', function()
  return dap.session() == nil
end)
say('over')
vim.cmd('qall!')
