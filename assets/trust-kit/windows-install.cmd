@echo off
rem Lets this Windows account trust the certificate that lies beside this folder. Windows shows the fingerprint and asks.
rem For every account of the computer, as administrator: certutil -addstore Root FILE
rem To take it back: windows\install.cmd remove
setlocal
if "%1"=="remove" (
    certutil -user -delstore Root @SHA1PLAIN@
) else (
    certutil -user -addstore Root "%~dp0..\@FILE@.cer"
)
pause
